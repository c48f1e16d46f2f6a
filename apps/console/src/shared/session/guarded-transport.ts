import { type ApiTransport, type Problem, problemContentType } from '@holdfast/api';

/** Answers that mean that the session of this window is over. A refused sign-in has another code. */
const lostCodes: readonly string[] = ['NOT_SIGNED_IN', 'SESSION_EXPIRED'];

/**
 * Watches every answer for the end of the session, wherever the call came from.
 *
 * @param isSignedIn before signing in, being nobody is no news
 */
export function guardTransport(
  transport: ApiTransport,
  isSignedIn: () => boolean,
  onSessionLost: () => void,
): ApiTransport {
  return async (request) => {
    const response = await transport(request);
    if (
      response.status === 401 &&
      isSignedIn() &&
      lostCodes.includes(codeOf(response.contentType, response.text))
    ) {
      onSessionLost();
    }
    return response;
  };
}

function codeOf(contentType: string, text: string): string {
  if (!contentType.startsWith(problemContentType)) return '';
  try {
    return (JSON.parse(text) as Problem).code;
  } catch {
    // Not the server's own words; the caller reports it as an unexpected answer.
    return '';
  }
}
