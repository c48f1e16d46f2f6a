import path from 'node:path';

/** Where components lie, inside one folder of the server's home. */
export interface ComponentFolders {
  /** What devices are served: a repository as any web server could serve it. */
  readonly repository: string;
  /** What this server has verified of the metadata of its source. */
  readonly client: string;
  /** Files that come, until they have been verified. Nobody is served from here. */
  readonly incoming: string;
}

export function componentFolders(folder: string): ComponentFolders {
  return {
    repository: path.join(folder, 'repository'),
    client: path.join(folder, 'client'),
    incoming: path.join(folder, 'incoming'),
  };
}
