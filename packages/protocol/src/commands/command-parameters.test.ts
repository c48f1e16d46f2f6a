import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandCatalogue, commandDefinitions } from './command-catalogue.ts';
import { completeParameters, describeParameterFaults } from './command-parameters.ts';

const { setLogLevel, showMessage, shutDownComputer, collectInventory } = commandCatalogue;

test('what is wrong with parameters is said in words', () => {
  const cases = [
    [setLogLevel, { level: 'loud' }, ['level is one of error, warn, info, debug']],
    [setLogLevel, { level: 'info', forMinutes: 0 }, ['forMinutes is a whole number from 1 to 1,440']],
    [setLogLevel, { level: 'info', forMinutes: '5' }, ['forMinutes is a whole number from 1 to 1,440']],
    [showMessage, { text: 'Hello.' }, ['title is missing']],
    [showMessage, { title: '', text: 'Hello.' }, ['title is text of 1 to 100 characters']],
    [
      shutDownComputer,
      { colour: 'red' },
      ['colour is not a parameter of this command; it has: delaySeconds, message'],
    ],
    [collectInventory, { all: true }, ['all is not a parameter of this command; it has none']],
    [showMessage, {}, ['title is missing', 'text is missing']],
    [setLogLevel, { level: 'debug', forMinutes: 30 }, []],
  ] as const;
  for (const [{ parameters }, given, sentences] of cases) {
    assert.deepEqual(describeParameterFaults(parameters, given), sentences);
    // As another program reads the schema from the server.
    assert.deepEqual(describeParameterFaults(JSON.parse(JSON.stringify(parameters)), given), sentences);
  }
});

test('no sentence is in the words of the schema library, whatever is given', () => {
  const odd = [null, 5, 'text', [], { level: null }, { title: 5, text: [] }, { delaySeconds: {} }];
  for (const { type, parameters } of commandDefinitions) {
    for (const given of odd) {
      for (const sentence of describeParameterFaults(parameters, given))
        assert.doesNotMatch(sentence, /\bmust\b|constant|schema|undefined|\[object/u, type);
    }
  }
});

test('what is absent gets its default, and what is given stays', () => {
  const { parameters } = shutDownComputer;
  assert.deepEqual(completeParameters(parameters, {}), { delaySeconds: 60 });
  assert.deepEqual(completeParameters(parameters, { delaySeconds: 0, message: 'Power.' }), {
    delaySeconds: 0,
    message: 'Power.',
  });
  assert.deepEqual(completeParameters(setLogLevel.parameters, {}), { level: 'debug' });
  assert.deepEqual(completeParameters(collectInventory.parameters, { all: true }), { all: true });
});
