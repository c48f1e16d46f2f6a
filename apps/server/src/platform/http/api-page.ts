import type { Route } from '@holdfast/api';
import type { TSchema } from 'typebox';
import { describeAccess } from '../access/route-access.ts';

/** All calls of the API as one page without any script; a style of its own with the nonce of the answer. */
export function renderApiPage(routes: readonly Route[], version: string, styleNonce: string): string {
  const tags = [...new Set(routes.map((route) => route.tag))];
  const sections = tags.map((tag) =>
    renderTag(
      tag,
      routes.filter((route) => route.tag === tag),
    ),
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Holdfast API</title>
<style nonce="${styleNonce}">${STYLE}</style>
</head>
<body>
<header>
<h1>Holdfast API <small>${escapeHtml(version)}</small></h1>
<p>Programs send an API key in the header <code>Authorization: Bearer hfk_…</code>. Every failure is a problem document
(RFC 9457) with a <code>code</code>. The same as <a href="/api/v1/openapi.json">OpenAPI 3.1</a>.</p>
<nav>${tags.map((tag) => `<a href="#${anchorOf(tag)}">${escapeHtml(tag)}</a>`).join(' ')}</nav>
</header>
<main>${sections.join('')}</main>
</body>
</html>
`;
}

function renderTag(tag: string, routes: readonly Route[]): string {
  return `<section id="${anchorOf(tag)}"><h2>${escapeHtml(tag)}</h2>${routes.map(renderRoute).join('')}</section>`;
}

function renderRoute(route: Route): string {
  const hasBody = !('type' in route.body && route.body.type === 'undefined');
  return `<details id="${route.name}">
<summary><code class="method ${route.method.toLowerCase()}">${route.method}</code> <code>${escapeHtml(route.path)}</code>
<span>${escapeHtml(route.summary)}</span></summary>
<p>Access: ${escapeHtml(describeAccess(route.access))}</p>
${renderSchema('Path', route.params)}${renderSchema('Query', route.query)}${hasBody ? renderSchema('Body', route.body) : ''}
${route.status === 204 ? '<p>Answers 204 without a body.</p>' : renderSchema(`Answer ${route.status}`, route.response)}
</details>`;
}

function renderSchema(title: string, schema: TSchema): string {
  const isEmpty = 'properties' in schema && Object.keys(schema.properties as object).length === 0;
  if (isEmpty) return '';
  return `<h3>${escapeHtml(title)}</h3><pre>${escapeHtml(JSON.stringify(schema, null, 2))}</pre>`;
}

function anchorOf(tag: string): string {
  return `tag-${tag.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 62rem; margin: 0 auto; padding: 1.5rem; }
nav a { margin-right: 1rem; }
details { border: 1px solid color-mix(in srgb, currentColor 20%, transparent); border-radius: 6px; margin: .5rem 0; padding: .4rem .8rem; }
summary { cursor: pointer; }
summary span { opacity: .8; margin-left: .5rem; }
.method { display: inline-block; min-width: 4rem; font-weight: 600; }
.get { color: #1c7ed6; } .post { color: #2f9e44; } .put, .patch { color: #e8590c; } .delete { color: #e03131; }
pre { overflow: auto; padding: .8rem; border-radius: 6px; background: color-mix(in srgb, currentColor 7%, transparent); font-size: 13px; }
h3 { font-size: 1rem; margin-bottom: .2rem; }
`;
