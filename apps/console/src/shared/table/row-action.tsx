import { Button } from '@mantine/core';

export interface RowActionProps {
  readonly text: string;
  /** The action and the row that it is for, for those who hear buttons without their rows. */
  readonly name: string;
  readonly onClick: () => void;
}

/** The one thing that can be done with a row, at its end. */
export function RowAction({ text, name, onClick }: RowActionProps) {
  return (
    <Button variant="default" size="compact-sm" aria-label={name} onClick={onClick}>
      {text}
    </Button>
  );
}
