import type { FileSource } from '@holdfast/components/client';

/** Where the files of components come from: the server, and whoever is nearer. None of them is trusted for content. */
export interface ComponentSources {
  /** In the order in which they are asked for files; the server is the last. */
  list(): readonly FileSource[];
  /** The server, which alone tells what there is. */
  readonly server: FileSource;
  /** Asks this one before the others, until the function that is answered is called. */
  prefer(source: FileSource): () => void;
}

export function createComponentSources(server: FileSource): ComponentSources {
  const preferred: FileSource[] = [];
  return {
    server,
    list: () => [...preferred, server],
    prefer: (source) => {
      preferred.unshift(source);
      return () => {
        const at = preferred.indexOf(source);
        if (at !== -1) preferred.splice(at, 1);
      };
    },
  };
}
