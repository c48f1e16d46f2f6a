import { fetchAuthority, parseEnrolmentToken } from '@holdfast/protocol';
import { FleetError } from './fleet.errors.ts';
import { Fleet } from './fleet.ts';
import { defaultFleetSettings, type FleetSettings } from './fleet-settings.ts';
import { findTarget } from './fleet-target.ts';

/**
 * Many managed products in one process. They speak the real protocol with the server, obey its pacing, and suffer the faults
 * that the settings plan for them.
 *
 * @throws FleetError for what the settings lack; McpClientError when the server is not there or not the right one
 */
export async function createFleet(
  given: Partial<FleetSettings> & Pick<FleetSettings, 'server' | 'products' | 'clock'>,
): Promise<Fleet> {
  const settings: FleetSettings = { ...defaultFleetSettings, ...given };
  const { saved } = settings;
  const target = await findTarget(settings.server, {
    isOwnServer: settings.isOwnServer,
    needsIpv4: settings.addresses > 0,
  });
  if (saved !== undefined && saved.server !== target.origin) {
    throw new FleetError('FLEET_STATE_UNREADABLE', 'The state file belongs to a fleet of another server.', {
      facts: { server: saved.server },
      remedy: 'Give the server that the fleet registered with, or another state file.',
    });
  }
  const token = settings.token === undefined ? undefined : parseEnrolmentToken(settings.token);
  const fingerprint = token?.fingerprint ?? saved?.fingerprint;
  if (
    fingerprint === undefined ||
    (token === undefined && (saved?.products.length ?? 0) < settings.products)
  ) {
    throw new FleetError(
      'FLEET_OPTION_INVALID',
      'An enrolment token is needed: not every product is registered.',
      {
        remedy: 'Make a token in the console and give its file with --token-file.',
      },
    );
  }
  // Asked anew also when it is known: this is the moment to learn that the server is not there.
  const authority = await fetchAuthority({ addresses: [target.origin], fingerprint });
  return new Fleet({ settings, target, token, authority });
}
