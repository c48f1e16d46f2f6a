import { posix } from 'node:path';

/** What is written as code, in quotation marks, or as the target of a link. */
const NAMED = /`([^`]+)`|"([^"]+)"|\]\(([^)#\s]+)[^)]*\)/g;
const FILE = /^\w[\w./-]*\.(ts|tsx|mjs|sql|md|json|txt)$/;
const FOLDER = /^\w[\w./-]*\/$/;
/** A function, a class, a constant, a table, the type of an event. */
const NAME = /^#?[A-Za-z_]\w*(\.\w+)?$/;

/**
 * What a page that leads through the code (`docs/reading.md`) names and the repository does not have. A folder is named whole,
 * with a slash at its end. A file stands in exactly one of the folders that its paragraph names, a name in the file named last
 * before it, and what stands in quotation marks behind a test is a part of its text.
 *
 * @param page `path` and `text`
 * @param texts the text files of the repository, each with `path` and `text`
 * @returns `findings`, a line each, and how many names were `looked` up
 */
export function findStaleNames(page, texts) {
  const files = new Map(texts.map(({ path, text }) => [path, text]));
  const folders = new Set([...files.keys()].flatMap(listFolders));
  const findings = [];
  let looked = 0;
  const expect = (isThere, sentence) => {
    looked += 1;
    if (!isThere) findings.push(`${page.path}: ${sentence}`);
  };
  for (const paragraph of page.text.split(/\n(?=\n|\d+\. )/)) {
    const named = [...paragraph.matchAll(NAMED)].map(([, code, title, link]) => ({
      code,
      title: title?.replaceAll(/\s+/g, ' '),
      link,
    }));
    const around = named.flatMap(({ code = '' }) => (FOLDER.test(code) ? [code] : []));
    let last;
    for (const { code, title, link } of named) {
      if (link !== undefined) {
        if (!link.includes(':'))
          expect(files.has(posix.join(posix.dirname(page.path), link)), `there is no ${link}`);
      } else if (title !== undefined) {
        if (last?.isTest === true) expect(last.text.includes(title), `${last.path} has no test "${title}"`);
      } else if (FOLDER.test(code)) expect(folders.has(code), `there is no folder ${code}`);
      else if (FILE.test(code)) {
        const found = around.map((folder) => `${folder}${code}`).filter((path) => files.has(path));
        const [path = code] = found;
        expect(
          found.length === 1,
          `${found.length} files ${code} are in ${around.join(', ') || 'no folder'}`,
        );
        last = { path, text: files.get(path) ?? '', isTest: path.includes('.test.') };
      } else if (NAME.test(code)) {
        expect(last !== undefined && hasWord(last.text, code), `${last?.path ?? 'no file'} has no ${code}`);
      }
    }
  }
  return { findings, looked };
}

function listFolders(path) {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => `${parts.slice(0, index + 1).join('/')}/`);
}

function hasWord(text, word) {
  return new RegExp(`(?<![\\w$])${word.replace('.', '\\.')}(?![\\w$])`).test(text);
}
