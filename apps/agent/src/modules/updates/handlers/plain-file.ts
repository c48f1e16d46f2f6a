import { join } from 'node:path';
import type { ComponentDescription } from '@holdfast/components';
import type { RunToEnd } from '../../../platform/program-end.ts';
import type { ComponentFiles } from '../component-files.ts';
import type { ComponentPlaces } from '../component-places.ts';
import type { ComponentHandler } from './component-handler.ts';
import { assertPlace, putFile, takeFileBack } from './placed-file.ts';
import { runReload, runReloadAfterWayBack } from './reload.ts';

export interface PlacedFileOptions {
  readonly files: ComponentFiles;
  readonly places: ComponentPlaces;
  readonly runToEnd: RunToEnd;
}

/** One file in one place, whatever is in it. */
export function createPlainFileHandler({ files, places, runToEnd }: PlacedFileOptions): ComponentHandler {
  const placeOf = ({ id }: ComponentDescription): string =>
    places.find(id).place ?? join(places.usualFolder, id);
  return {
    name: 'plain-file',
    try: async ({ component }) => assertPlace(placeOf(component), places.usualFolder),
    switch: async (staged, signal) => {
      const place = placeOf(staged.component);
      assertPlace(place, places.usualFolder);
      await putFile(staged, place, files);
      await runReload(places.find(staged.component.id), runToEnd, signal);
      return 'done';
    },
    rollBack: async (way, signal) => {
      await takeFileBack(way, placeOf(way.from.component), files);
      await runReloadAfterWayBack(places.find(way.from.component.id), runToEnd, signal);
    },
  };
}
