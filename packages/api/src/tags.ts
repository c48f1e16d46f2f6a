import { foldName } from '@holdfast/kernel';
import { type Static, Type } from 'typebox';
import { ChangePlan, PlanToken } from './change-plan.ts';
import { defineRoute } from './route.ts';
import { Instant, oneOf, Revision, Uuid } from './scalars.ts';

/** How many tags an organisation has at most, and a device. */
export const MAX_TAGS = 1_000;
export const MAX_TAGS_OF_DEVICE = 32;

/** Characters of a tag's name at most. */
export const MAX_TAG_NAME_LENGTH = 40;

const sign = '(?!\\p{Default_Ignorable_Code_Point})[\\p{L}\\p{M}\\p{N}._:-]';
/**
 * Regular expression (with the flag `u`) of a tag's name: letters of any script with their marks, digits, `.`, `_`, `:`
 * and `-`, at least one letter or digit, and nothing that cannot be seen.
 */
export const tagNamePattern = `^(?!\\p{M})(?=.*[\\p{L}\\p{N}])(?:${sign}){1,${MAX_TAG_NAME_LENGTH}}$`;

const tagName = new RegExp(tagNamePattern, 'u');

/** Whether a text may be the name of a tag. */
export function isTagName(text: string): boolean {
  return tagName.test(text);
}

/** The form in which names of tags are compared and sorted: that of all names. */
export const tagKeyOf = foldName;

export const TagName = Type.String({
  minLength: 1,
  maxLength: MAX_TAG_NAME_LENGTH,
  pattern: tagNamePattern,
  description: 'Letters, digits, `.`, `_`, `:` and `-`; capitals make no difference',
});

export const tagColours = ['grey', 'red', 'orange', 'green', 'teal', 'blue', 'purple', 'pink'] as const;
/** The colour of the dot before a tag's name. It means nothing by itself. */
export type TagColour = (typeof tagColours)[number];

const Description = Type.String({ maxLength: 200, pattern: '^[^\\p{Cc}\\u2028-\\u202e\\u2066-\\u2069]*$' });

/** A short name that marks devices; it belongs to the whole organisation. */
export const Tag = Type.Object({
  id: Uuid,
  name: Type.String(),
  /** What it is for; may be empty. */
  description: Type.String(),
  colour: oneOf(tagColours),
  revision: Revision,
  createdAt: Instant,
  createdBy: Type.String(),
  /** How many devices have it, of those that the caller sees. */
  deviceCount: Type.Integer({ minimum: 0 }),
});
export type Tag = Static<typeof Tag>;

const tag = 'Tags';
const read = { permission: 'directory:read' } as const;
const edit = { permission: 'directory:edit' } as const;
const TagParams = Type.Object({ tagId: Uuid }, { additionalProperties: false });

export const listTags = defineRoute({
  name: 'listTags',
  method: 'GET',
  path: '/api/v1/tags',
  tag,
  access: read,
  summary: 'All tags by name, each with how many devices have it',
  response: Type.Object({ tags: Type.Array(Tag) }),
});
export const createTag = defineRoute({
  name: 'createTag',
  method: 'POST',
  path: '/api/v1/tags',
  tag,
  access: edit,
  status: 201,
  summary: 'Create a tag; needs the right to edit the whole directory',
  body: Type.Object(
    {
      name: TagName,
      description: Type.Optional(Description),
      colour: Type.Optional(oneOf(tagColours)),
    },
    { additionalProperties: false },
  ),
  response: Tag,
});
export const changeTag = defineRoute({
  name: 'changeTag',
  method: 'PATCH',
  path: '/api/v1/tags/:tagId',
  tag,
  access: edit,
  summary: 'Rename a tag, describe it or give it another colour; needs the right to edit the whole directory',
  params: TagParams,
  body: Type.Object(
    {
      revision: Revision,
      name: Type.Optional(TagName),
      description: Type.Optional(Description),
      colour: Type.Optional(oneOf(tagColours)),
    },
    { additionalProperties: false },
  ),
  response: Tag,
});
export const planTagRemoval = defineRoute({
  name: 'planTagRemoval',
  method: 'POST',
  path: '/api/v1/tags/:tagId/removal-plan',
  tag,
  access: edit,
  summary: 'How many devices would lose a tag',
  params: TagParams,
  response: ChangePlan,
});
export const removeTag = defineRoute({
  name: 'removeTag',
  method: 'POST',
  path: '/api/v1/tags/:tagId/removal',
  tag,
  access: edit,
  summary: 'Remove a tag from all devices; for a day it can be restored',
  params: TagParams,
  body: Type.Object({ planToken: PlanToken }, { additionalProperties: false }),
});
export const restoreTag = defineRoute({
  name: 'restoreTag',
  method: 'POST',
  path: '/api/v1/tags/:tagId/restore',
  tag,
  access: edit,
  summary: 'Take the removal of a tag back: its devices have it again',
  params: TagParams,
  response: Tag,
});
