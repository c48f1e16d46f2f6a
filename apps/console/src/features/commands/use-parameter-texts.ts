import { useTranslation } from 'react-i18next';

/** Names and values of the parameters of commands, in words where they are known. */
export interface ParameterTexts {
  readonly nameOf: (name: string) => string;
  readonly choiceOf: (name: string, choice: string) => string;
  readonly helpOf: (name: string) => string | undefined;
  readonly suffixOf: (name: string) => string;
  /** "Level: Everything, for finding faults". */
  readonly linesOf: (parameters: Readonly<Record<string, unknown>>) => readonly string[];
}

const levels = ['error', 'warn', 'info', 'debug'] as const;

export function useParameterTexts(): ParameterTexts {
  const { t } = useTranslation('commands');
  const nameOf = (name: string): string => {
    if (name === 'level' || name === 'forMinutes') return t(`parameters.${name}`);
    const words = name.replaceAll(/([a-z\d])([A-Z])/gu, '$1 $2').toLocaleLowerCase();
    return words.charAt(0).toLocaleUpperCase() + words.slice(1);
  };
  const choiceOf = (name: string, choice: string): string => {
    const level = name === 'level' ? levels.find((known) => known === choice) : undefined;
    return level === undefined ? choice : t(`parameters.levels.${level}`);
  };
  const valueOf = (name: string, value: unknown): string => {
    if (name === 'forMinutes' && typeof value === 'number') return t('parameters.minutes', { count: value });
    return typeof value === 'string' ? choiceOf(name, value) : JSON.stringify(value);
  };
  return {
    nameOf,
    choiceOf,
    helpOf: (name) => (name === 'forMinutes' ? t('parameters.minutesHelp') : undefined),
    suffixOf: (name) => (name === 'forMinutes' ? ' min' : ''),
    linesOf: (parameters) =>
      Object.entries(parameters).map(([name, value]) => `${nameOf(name)}: ${valueOf(name, value)}`),
  };
}
