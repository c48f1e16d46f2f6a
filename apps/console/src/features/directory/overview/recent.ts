const dayMs = 86_400_000;

/** How many were issued within a day of now. */
export function countRecent(commands: readonly { readonly issuedAt: string }[], nowMs: number): number {
  return commands.filter((command) => nowMs - Date.parse(command.issuedAt) < dayMs).length;
}
