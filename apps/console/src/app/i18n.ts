import i18next, { type BackendModule, type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { lateParts } from '../shared/late/late-parts.ts';
import { defaultLanguage, lateTexts, resources } from '../shared/i18n/resources.ts';

export function createI18n(): i18n {
  const instance = i18next.createInstance();
  // Nearly all texts are in the bundle, so the start waits for none.
  void instance
    .use(initReactI18next)
    .use(lateTextsBackend)
    .init({
      partialBundledLanguages: true,
      lng: defaultLanguage,
      fallbackLng: defaultLanguage,
      resources: { [defaultLanguage]: resources },
      defaultNS: 'common',
      interpolation: { escapeValue: false },
      returnNull: false,
      initAsync: false,
    });
  return instance;
}

/** A page that uses late texts shows its skeleton until they are there. */
const lateTextsBackend: BackendModule = {
  type: 'backend',
  init() {},
  read(_language, area, done) {
    const load = Object.hasOwn(lateTexts, area) ? lateTexts[area as keyof typeof lateTexts] : undefined;
    if (load === undefined) return done(new Error(`There are no texts "${area}"`), null);
    lateParts.load<{ readonly default: object }>(load).then(
      (texts) => done(null, texts.default),
      (error: unknown) => done(error as Error, null),
    );
  },
};
