import {
  acceptInvitation,
  type ApiClient,
  builtInRoleIds,
  createRole,
  type GrantChoice,
  inviteAdministrator,
  type Role,
  setAdministratorState,
  signIn,
} from '@holdfast/api';
import {
  administratorName,
  administratorPassword,
  type AdministratorSession,
  openSession,
  setUpAdministrator,
} from '../e2e/support/administrator.ts';

/** Who administers the fleet. All have one password. */
export const people = {
  ada: 'Ada Lovelace',
  'm.tamm': 'Mari Tamm',
  auditor: 'Noor Haddad',
  'j.silva': 'João Silva',
  'old.admin': 'Otto Altmann',
} as const;
export type Person = keyof typeof people;

/** What everybody signs in with. */
export const signInWith = { name: administratorName, password: administratorPassword } as const;

const browsers: Readonly<Record<Person, string>> = {
  ada: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  'm.tamm':
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15',
  auditor:
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0',
  'j.silva':
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'old.admin': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0',
};

/** The administrators, each in a browser of their own. */
export class People {
  readonly #origin: string;
  readonly #sessions = new Map<Person, AdministratorSession>();

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** The first of them, by the link that the server made. */
  async setUp(setupLink: string): Promise<void> {
    this.#sessions.set('ada', await setUpAdministrator(this.#origin, setupLink, { userAgent: browsers.ada }));
  }

  /** Signs in where that is needed. */
  async as(person: Person): Promise<ApiClient> {
    const known = this.#sessions.get(person);
    if (known !== undefined) return known.client;
    const body = { name: person, password: administratorPassword };
    return await this.#open(person, (client) => client.call(signIn, { body }));
  }

  /** Ada invites somebody, who accepts. */
  async join(person: Person, grants: readonly GrantChoice[]): Promise<void> {
    const ada = await this.as('ada');
    const { link } = await ada.call(inviteAdministrator, {
      body: { name: person, displayName: people[person], grants: [...grants] },
    });
    const body = { secret: new URL(link).hash.slice(1), password: administratorPassword };
    await this.#open(person, (client) => client.call(acceptInvitation, { body }));
  }

  /** Time has passed: whoever comes back signs in again. */
  forgetSessions(): void {
    for (const { close } of this.#sessions.values()) close();
    this.#sessions.clear();
  }

  async #open(person: Person, begin: Parameters<typeof openSession>[1]): Promise<ApiClient> {
    const session = await openSession(this.#origin, begin, { userAgent: browsers[person] });
    this.#sessions.set(person, session);
    return session.client;
  }
}

/** Everybody but Ada, with what they may do where; one of them may nothing any more. */
export async function inviteEverybody(
  them: People,
  places: { readonly berlin: string; readonly lisbon: string },
): Promise<void> {
  const ada = await them.as('ada');
  const helpDesk: Role = await ada.call(createRole, {
    body: {
      name: 'Help desk',
      description: 'Looks after the computers of a place and calls nobody without need',
      permissions: ['directory:read', 'notes:write', 'commands:read', 'commands:issue', 'logs:read'],
    },
  });
  const everywhere = (role: keyof typeof builtInRoleIds): GrantChoice => ({
    roleId: builtInRoleIds[role],
    groupId: null,
  });
  await them.join('m.tamm', [everywhere('enterpriseAdministrator')]);
  await them.join('auditor', [
    everywhere('auditor'),
    { roleId: builtInRoleIds.groupAdministrator, groupId: places.berlin },
  ]);
  await them.join('j.silva', [{ roleId: helpDesk.id, groupId: places.lisbon }]);
  await them.join('old.admin', [everywhere('enterpriseAdministrator')]);
}

export async function disable(ada: ApiClient, administratorId: string): Promise<void> {
  await ada.call(setAdministratorState, { params: { administratorId }, body: { state: 'disabled' } });
}
