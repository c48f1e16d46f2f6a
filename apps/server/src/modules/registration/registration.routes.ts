import {
  admitRegistration,
  createEnrolmentToken,
  listEnrolmentTokens,
  listTokenArrivals,
  listWaitingRegistrations,
  refuseRegistration,
  revokeEnrolmentToken,
} from '@holdfast/api';
import {
  AuthorityAnswerSchema,
  ChallengeAnswerSchema,
  ChallengeRequestSchema,
  HandshakeAnswerSchema,
  limits,
  mcpPath,
  RegistrationAnswerSchema,
  SignedBodySchema,
  TransportAnswerSchema,
  TransportRequestSchema,
} from '@holdfast/protocol';
import type { RegisterMcpRoute, RegisterRoute } from '../../platform/http/route-registrar.ts';
import type { ServerKeys } from '../../platform/keys/server-keys.ts';
import type { EnrolmentTokenService } from './enrolment-tokens.service.ts';
import type { HandshakeService } from './handshake.service.ts';
import type { ProofVerifier } from './proof-verifier.ts';
import type { RegistrationService } from './registration.service.ts';
import type { WaitingService } from './waiting.service.ts';

export function registerEnrolmentRoutes(
  registerRoute: RegisterRoute,
  services: { readonly tokens: EnrolmentTokenService; readonly waiting: WaitingService },
): void {
  const { tokens, waiting } = services;
  registerRoute(listEnrolmentTokens, async ({ actor }) => ({ tokens: await tokens.listTokens(actor) }));
  registerRoute(createEnrolmentToken, async ({ actor, body, request }) =>
    tokens.createToken(actor, body, request),
  );
  registerRoute(revokeEnrolmentToken, async ({ actor, params, request }) => {
    await tokens.revokeToken(actor, params.tokenId, request);
    return null;
  });
  registerRoute(listTokenArrivals, async ({ actor, params }) => ({
    arrivals: await tokens.listArrivals(actor, params.tokenId),
  }));
  registerRoute(listWaitingRegistrations, async ({ actor }) => ({
    registrations: await waiting.listWaiting(actor),
  }));
  registerRoute(admitRegistration, async (it) => await waiting.admit(it, it.params.registrationId, it.body));
  registerRoute(refuseRegistration, async (it) => {
    await waiting.refuse(it, it.params.registrationId);
    return null;
  });
}

export function registerMcpRoutes(
  registerMcpRoute: RegisterMcpRoute,
  services: {
    readonly keys: ServerKeys;
    readonly proofs: ProofVerifier;
    readonly registrations: RegistrationService;
    readonly handshakes: HandshakeService;
  },
): void {
  const { keys, proofs, registrations, handshakes } = services;
  registerMcpRoute(
    {
      name: 'getAuthority',
      method: 'GET',
      path: mcpPath.authority,
      access: 'public',
      requestClass: 'public',
      bodyLimit: limits.maxSmallBodyBytes,
      response: AuthorityAnswerSchema,
    },
    async () => {
      const { current, successions } = keys.authorities;
      const { certificate, fingerprint } = current;
      return {
        certificate,
        fingerprint,
        ...(successions.length === 0 ? {} : { successions: [...successions] }),
      };
    },
  );
  registerMcpRoute(
    {
      name: 'createChallenge',
      method: 'POST',
      path: mcpPath.challenges,
      access: 'public',
      requestClass: 'public',
      bodyLimit: limits.maxSmallBodyBytes,
      body: ChallengeRequestSchema,
      response: ChallengeAnswerSchema,
    },
    async () => proofs.issueChallenge(),
  );
  registerMcpRoute(
    {
      name: 'registerProduct',
      method: 'POST',
      path: mcpPath.registrations,
      access: 'self-proving',
      requestClass: 'registration',
      bodyLimit: limits.maxSignedBodyBytes,
      body: SignedBodySchema,
      response: RegistrationAnswerSchema,
    },
    async ({ body, request, reply }) => {
      const { status, answer } = await registrations.register(body, request);
      reply.code(status);
      return answer;
    },
  );
  registerMcpRoute(
    {
      name: 'createHandshake',
      method: 'POST',
      path: mcpPath.handshakes,
      access: 'self-proving',
      requestClass: 'handshake',
      bodyLimit: limits.maxSignedBodyBytes,
      body: SignedBodySchema,
      response: HandshakeAnswerSchema,
    },
    async ({ body, request }) => await handshakes.shakeHands(body, request),
  );
  registerMcpRoute(
    {
      name: 'settleTransport',
      method: 'POST',
      path: mcpPath.transports,
      access: 'product',
      requestClass: 'transport',
      bodyLimit: limits.maxSmallBodyBytes,
      body: TransportRequestSchema,
      response: TransportAnswerSchema,
    },
    async ({ product, body, request }) => await handshakes.settleTransport(product, body, request),
  );
}
