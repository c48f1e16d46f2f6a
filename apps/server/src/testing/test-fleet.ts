import { capabilityVersion } from '@holdfast/protocol';
import { sql } from 'kysely';
import { NEW_DEVICES_GROUP_ID } from '../modules/directory/index.ts';
import type { TestServer } from './test-server.ts';

export interface FleetOptions {
  readonly count: number;
  readonly groupId?: string;
  /** Command types that the products know. */
  readonly commands?: readonly string[];
  readonly state?: 'active' | 'disabled';
  /** What the products understand of the protocol; the newest unless told. */
  readonly capabilityVersion?: number;
}

/** A device of a fleet, with the number of its product. */
export interface FleetDevice {
  readonly id: string;
  readonly productNumber: number;
}

/** Devices as if they had registered, however many, in one statement. */
export async function insertFleet(server: TestServer, options: FleetOptions): Promise<FleetDevice[]> {
  const capabilities = JSON.stringify({
    capabilityVersion: options.capabilityVersion ?? capabilityVersion,
    udp: true,
    commands: options.commands ?? ['collect-inventory'],
  });
  const { rows } = await sql<FleetDevice>`
    with fleet as (
      select nextval('product_number_seq') as number, gen_random_uuid() as device_id from generate_series(1, ${options.count})
    ), devices as (
      insert into device (id, group_id, product_number, reported_name, platform, registered_at, name_key, search_text)
      select device_id, ${options.groupId ?? NEW_DEVICES_GROUP_ID}::uuid, number, 'device-' || number, 'linux',
        ${new Date(server.clock.now())}, 'device-' || number, 'device-' || number from fleet
    ), products as (
      insert into managed_product (number, device_id, kind, name, version, key_thumbprint, public_jwk, state,
        capabilities, registered_at)
      select number, device_id, 'agent', 'Holdfast agent', '1.0.0', lpad(number::text, 43, 'k'), '{}',
        ${options.state ?? 'active'}, ${capabilities}::jsonb, ${new Date(server.clock.now())} from fleet
    ), presences as (
      insert into product_presence (product_number) select number from fleet
    )
    select device_id as id, number as "productNumber" from fleet order by number
  `.execute(server.database.db);
  for (const { productNumber } of rows) server.app.modules.presence.addProduct(productNumber);
  return rows;
}

/** Nothing but the fixed groups is left in the directory, and no command: for test files that share one server. */
export async function forgetFleet(server: TestServer): Promise<void> {
  const { db } = server.database;
  const { rows } = await sql<{ number: number }>`select number from managed_product`.execute(db);
  await sql`truncate command, device, managed_product, product_presence, enrolment_token, waiting_registration cascade`.execute(
    db,
  );
  await sql`delete from directory_group where not is_fixed`.execute(db);
  await sql`alter sequence product_number_seq restart`.execute(db);
  for (const { number } of rows) server.app.modules.presence.removeProduct(number);
}
