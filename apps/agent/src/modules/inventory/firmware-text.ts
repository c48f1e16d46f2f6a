/** What makers of boards leave in a field that they did not fill in. */
const PLACEHOLDER =
  /^(?:to be filled by o\.?e\.?m\.?|default string|(?:system|base ?board|chassis|board) (?:product name|manufacturer|serial number|serial|version)|not (?:specified|applicable|available|provided)|n\/a|na|none|null|unknown|empty|oem|o\.e\.m\.|invalid|serial number|no asset tag|[0x.*\s-]+|0?1234567(?:89?0?)?)$/iu;

/** What the firmware says of the computer, or `undefined` where it only looks as if it said something. */
export function toFirmwareText(text: string | undefined): string | undefined {
  const value = text?.replaceAll('\0', '').trim();
  return value === undefined || value === '' || PLACEHOLDER.test(value) ? undefined : value;
}
