import { createContext, useContext } from 'react';

export const PaletteContext = createContext<() => void>(() => undefined);

export function usePalette(): () => void {
  return useContext(PaletteContext);
}
