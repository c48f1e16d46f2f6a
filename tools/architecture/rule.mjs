/**
 * A rule looks at some things of the tree and complains about some of those. It also brings its own proof: small
 * trees in which it must complain (`planted`) and must not (`allowed`). And it knows how much it has to see in
 * the real tree (`atLeast`): a rule that looks at nothing finds nothing wrong.
 */
export function createRule({ name, because, atLeast, check, planted, allowed }) {
  return {
    name,
    because,
    atLeast,
    planted,
    allowed,
    check(tree) {
      const seen = [];
      const violations = [];
      check(tree, {
        see: (source) => seen.push(source.path),
        complain: (source, line, message) => violations.push({ path: source.path, line, message }),
      });
      return { seen: seen.length, violations };
    },
  };
}

/**
 * A rule about who imports what. `judge` answers `undefined` (not this rule's business), `true` (seen, fine) or
 * a sentence (seen, wrong).
 */
export function createImportRule({ judge, ...rest }) {
  return createRule({
    ...rest,
    check(tree, { see, complain }) {
      for (const source of tree.sources) {
        for (const imported of source.imports) {
          const verdict = judge(source, imported);
          if (verdict === undefined) continue;
          see(source);
          if (verdict !== true) complain(source, imported.line, verdict);
        }
      }
    },
  });
}

/** The name of the package that a bare specifier belongs to: "@scope/name" or "name". */
export function packageOf(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
