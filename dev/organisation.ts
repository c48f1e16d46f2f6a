import {
  type ApiClient,
  type CommunicationSettings,
  createEnrolmentToken,
  createGroup,
  createTag,
  type EnrolmentToken,
  getGroupCommunication,
  getSettings,
  type Group,
  listGroups,
  moveDevices,
  type OwnCommunication,
  planDeviceMove,
  type tagColours,
  updateCommunicationSettings,
  updateGroupCommunication,
} from '@holdfast/api';

/** Groups below the top one, with those below them. */
const tree: Readonly<Record<string, readonly string[]>> = {
  Berlin: ['Sales', 'Engineering', 'Finance', 'Reception'],
  Hamburg: ['Engineering', 'Logistics'],
  Lisbon: ['Support', 'Marketing'],
  'São Paulo': ['Vendas'],
  東京: ['営業部'],
  'Data centre': ['Databases', 'Web', 'Build machines'],
  Kiosks: [],
  'Field service': ['North', 'South'],
  'Department with a long name that nobody ever shortened because it stands on the door': [],
  'Old office': [],
};

/** The directory of the organisation. */
export class Places {
  readonly #groups: ReadonlyMap<string, Group>;

  constructor(groups: readonly Group[]) {
    this.#groups = new Map(groups.map((group) => [group.path.join(' / '), group]));
  }

  /** @param path such as `Berlin / Sales`; empty for the top group */
  idOf(path: string): string {
    const group = this.#groups.get(path);
    if (group === undefined) throw new Error(`There is no group ${path}`);
    return group.id;
  }

  /** The groups below that one, without those below them. */
  below(path: string): string[] {
    return [...this.#groups.keys()].filter((key) => key.startsWith(`${path} / `));
  }

  /** Groups of the first level that devices are put into. */
  get towns(): string[] {
    const kept = new Set(['Old office', 'Kiosks', 'Field service']);
    return Object.keys(tree).filter((name) => !kept.has(name));
  }
}

export async function createGroups(client: ApiClient): Promise<Places> {
  const { groups } = await client.call(listGroups, {});
  const top = groups.find(({ parentId }) => parentId === null);
  for (const [name, below] of Object.entries(tree)) {
    const parent = await client.call(createGroup, { body: { parentId: top?.id ?? '', name } });
    for (const child of below) await client.call(createGroup, { body: { parentId: parent.id, name: child } });
  }
  return new Places((await client.call(listGroups, {})).groups);
}

export async function createTags(client: ApiClient): Promise<void> {
  const tags: readonly (readonly [string, (typeof tagColours)[number], string])[] = [
    ['kiosk', 'teal', 'Stands in a hall, nobody signs in'],
    ['lab', 'purple', ''],
    ['env:prod', 'red', 'Change only in the maintenance window'],
    ['env:test', 'orange', ''],
    ['leased', 'blue', 'Goes back to the lender in 2027'],
    ['VIP', 'pink', 'Call before you do anything'],
    ['重要', 'green', 'Important, for the colleagues in Tokyo'],
    [
      'to-be-replaced-by-the-end-of-next-year',
      'grey',
      'A long name and a long description, to see how both are cut where there is little room',
    ],
  ];
  for (const [name, colour, description] of tags)
    await client.call(createTag, { body: { name, colour, description } });
}

const DAY_MS = 86_400_000;

/** @returns the token, and its string */
export async function createToken(
  client: ApiClient,
  token: {
    readonly name: string;
    readonly groupId: string;
    readonly maxUses?: number;
    readonly days?: number;
    readonly isApprovalNeeded?: boolean;
  },
): Promise<{ readonly token: EnrolmentToken; readonly tokenString: string }> {
  const { name, groupId, maxUses = null, days = 90, isApprovalNeeded = false } = token;
  return await client.call(createEnrolmentToken, {
    body: { name, groupId, maxUses, expiresInMs: days * DAY_MS, isApprovalNeeded },
  });
}

/** For all groups that say nothing themselves. */
export async function setTimes(client: ApiClient, communication: CommunicationSettings): Promise<void> {
  const { revision } = await client.call(getSettings, {});
  await client.call(updateCommunicationSettings, { body: { revision, communication } });
}

/** Has a group say something about communication, beside what it says already. */
export async function say(
  client: ApiClient,
  groupId: string,
  own: Partial<OwnCommunication>,
  locked?: readonly (keyof OwnCommunication)[],
): Promise<void> {
  const said = await client.call(getGroupCommunication, { params: { groupId } });
  await client.call(updateGroupCommunication, {
    params: { groupId },
    body: {
      revision: said.revision,
      own: { ...said.own, ...own },
      ...(locked === undefined ? {} : { locked: [...locked] }),
    },
  });
}

export async function move(client: ApiClient, deviceIds: readonly string[], groupId: string): Promise<void> {
  if (deviceIds.length === 0) return;
  const body = { deviceIds: [...deviceIds], groupId };
  const { planToken } = await client.call(planDeviceMove, { body });
  await client.call(moveDevices, { body: { ...body, planToken } });
}
