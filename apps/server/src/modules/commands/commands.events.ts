import { type CommandState, commandStates } from '@holdfast/api';
import { Type } from 'typebox';
import { type DomainEvent, defineEvent, type EventsOf } from '../../platform/events/domain-event.ts';

const Count = Type.Integer({ minimum: 0 });

/** What happens to commands. Progress at a product, short of its end, is no event. */
export const commandEvents = {
  'command.issued': defineEvent({
    objectKind: 'command',
    title: 'Command issued',
    help: 'For so many products, of which some get nothing because they are disabled or do not know it: these are skipped, and nothing ends at them.',
    permission: 'commands:read',
    data: Type.Object({
      type: Type.String(),
      title: Type.String(),
      target: Type.String(),
      issuedBy: Type.String(),
      isUrgent: Type.Boolean(),
      products: Count,
      skipped: Count,
    }),
  }),
  'command.cancelled': defineEvent({
    objectKind: 'command',
    title: 'Command cancelled',
    help: 'At `products` nothing had begun; `askedToEnd` have begun it and were asked to end it. Its end at each is an event of its own.',
    permission: 'commands:read',
    data: Type.Object({
      title: Type.String(),
      cancelledBy: Type.String(),
      products: Count,
      askedToEnd: Type.Optional(Count),
    }),
  }),
  'command-target.ended': defineEvent({
    objectKind: 'command-target',
    title: 'Command ended at a product',
    help: 'Once for each product that got it, whatever the end: succeeded, failed, expired or cancelled. The id of the object is that of the command, a dot and the number of the product.',
    permission: 'commands:read',
    data: Type.Object({
      commandId: Type.String(),
      type: Type.String(),
      productNumber: Type.Integer(),
      /** Null where the device is gone. */
      deviceId: Type.Union([Type.String(), Type.Null()]),
      deviceName: Type.String(),
      state: Type.Enum([...commandStates]),
      /** Why, where it did not succeed. */
      code: Type.Union([Type.String(), Type.Null()]),
    }),
  }),
};

declare module '../../platform/events/domain-event.ts' {
  interface DomainEvents extends EventsOf<typeof commandEvents> {}
}

/** A command at a product, with what is told of its end. */
export interface EndingTarget {
  readonly commandId: string;
  readonly commandType: string;
  readonly productNumber: number;
  /** Null where the device is gone. */
  readonly deviceId: string | null;
  readonly deviceName: string;
  /** Ids from the top group down; null where the device is gone. */
  readonly groupPath: readonly string[] | null;
}

export function describeEnd(
  target: EndingTarget,
  end: { readonly state: CommandState; readonly code: string | null },
): DomainEvent<'command-target.ended'> {
  const { commandId, commandType, productNumber, deviceId, deviceName, groupPath } = target;
  return {
    type: 'command-target.ended',
    objectId: `${commandId}.${productNumber}`,
    ...(groupPath === null ? {} : { groupIds: groupPath }),
    data: {
      commandId,
      type: commandType,
      productNumber,
      deviceId,
      deviceName,
      state: end.state,
      code: end.code,
    },
  };
}
