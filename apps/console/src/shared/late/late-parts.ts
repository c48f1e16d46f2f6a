import { problemContentType } from '@holdfast/api';
import { type BuildAnswer, createLateLoader } from './late-loader.ts';

const answerLimitMs = 10_000;

const failedStyles = watchFailedStyles();

/** The loader of this window. Nothing of the console is imported late in another way. */
export const lateParts = createLateLoader({
  askBuild,
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  mend: mendStyles,
});

/** The name of the first script has the hash of the whole build in it, so no other build has a file of that name. */
async function askBuild(): Promise<BuildAnswer> {
  const script = document.querySelector<HTMLScriptElement>('script[type="module"][src]');
  if (script === null) return 'same';
  try {
    const answer = await fetch(script.src, {
      // Asks the server, and gets the script itself only where the browser has lost it.
      cache: 'no-cache',
      credentials: 'same-origin',
      redirect: 'error',
      signal: AbortSignal.timeout(answerLimitMs),
    });
    await answer.body?.cancel();
    if (answer.ok) return 'same';
    // What stands in front of a server that is away may say "not found" as well, in its own words.
    const isOurs = answer.headers.get('content-type')?.startsWith(problemContentType) === true;
    return answer.status === 404 && isOurs ? 'replaced' : 'away';
  } catch {
    // No answer, or none in time.
    return 'away';
  }
}

/** Style sheets that did not come. Nothing tells that of a link afterwards. */
function watchFailedStyles(): Set<HTMLLinkElement> {
  const failed = new Set<HTMLLinkElement>();
  const note = ({ target }: Event): void => {
    if (target instanceof HTMLLinkElement && target.rel === 'stylesheet') failed.add(target);
  };
  // Such an event does not rise to the document, it only comes down from it.
  document.addEventListener('error', note, { capture: true });
  return failed;
}

/** The browser tries a script again, and a style sheet that failed never. */
async function mendStyles(): Promise<void> {
  const links = [...failedStyles];
  failedStyles.clear();
  await Promise.all(links.map(loadStyleAgain));
}

async function loadStyleAgain(link: HTMLLinkElement): Promise<void> {
  const next = document.createElement('link');
  for (const { name, value } of link.attributes) next.setAttribute(name, value);
  next.nonce = link.nonce;
  const settled = new Promise<void>((resolve) => {
    next.addEventListener('load', () => resolve());
    // It is noted again, for the next time.
    next.addEventListener('error', () => resolve());
  });
  link.replaceWith(next);
  await settled;
}
