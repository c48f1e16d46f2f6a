/**
 * What the runner of the tests gives every process so that it starts quickly: what was compiled and bundled before. For processes
 * that get nothing else of the environment of a test.
 */
export function quickStart(): { readonly NODE_COMPILE_CACHE?: string; readonly NODE_OPTIONS?: string } {
  const { NODE_COMPILE_CACHE, NODE_OPTIONS } = process.env;
  return {
    ...(NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }),
    ...(NODE_OPTIONS === undefined ? {} : { NODE_OPTIONS }),
  };
}
