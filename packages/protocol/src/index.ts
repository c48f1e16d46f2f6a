/**
 * MCP, the Management Communication Protocol, as docs/protocol.md specifies it: messages, datagrams, limits, the pure
 * decisions of both sides, and a client for any managed product. Promises that parsers are strict and bounded, that
 * codecs do no I/O and read no clock, and that nothing is read behind a wrong code. Does not promise to keep any
 * state: files, retries and schedules belong to the product. Agent, server and third parties may import it.
 */
export { type BackOffBounds, defaultBackOff, planRetryMs, planReturnMs } from './back-off.ts';
export {
  authoritiesVersion,
  cancellationVersion,
  capabilityVersion,
  componentsVersion,
  omitNewer,
  since,
} from './capability-version.ts';
export { commandCatalogue, commandDefinitions } from './commands/command-catalogue.ts';
export {
  assertParameterSchema,
  type CommandParameters,
  completeParameters,
  describeParameterFaults,
} from './commands/command-parameters.ts';
export {
  type CommandDefinition,
  defineCommand,
  type Lane,
  lanes,
  type ParametersOf,
  type Reach,
  reaches,
  type ResultOf,
} from './commands/command-definition.ts';
export {
  type Activity,
  activityItems,
  type ActivityItem,
  type ActivityName,
  decodeActivity,
  encodeActivity,
} from './datagram/activity-items.ts';
export { decodeTroubles, encodeTroubles, type Trouble, troubles } from './datagram/troubles.ts';
export {
  type AcknowledgementContent,
  type AcknowledgementDatagram,
  type Datagram,
  decodeDatagram,
  encodeDatagram,
  type HeartbeatContent,
  type HeartbeatDatagram,
  type NotificationAcknowledgementDatagram,
  type NotificationContent,
  type NotificationDatagram,
  type ProbeDatagram,
} from './datagram/datagram.ts';
export { createDatagramError, DatagramError, DatagramRefusal } from './datagram/datagram.errors.ts';
export { DatagramKey, type VerifiedDatagram } from './datagram/datagram-key.ts';
export { DatagramVerifier, type VerifiedType } from './datagram/datagram-verifier.ts';
export { NotificationSealer } from './datagram/notification-sealer.ts';
export { heartbeatKeyBytes, HeartbeatKeyDerivation } from './datagram/heartbeat-key.ts';
export { HmacSha256, preparedKeyWords } from './datagram/hmac-sha256.ts';
export {
  acknowledgementFlags,
  DatagramType,
  datagramVersion,
  heartbeatFlags,
  layout as datagramLayout,
  notificationFlags,
  ServiceState,
} from './datagram/layout.ts';
export {
  encodeEnrolmentToken,
  type EnrolmentToken,
  EnrolmentTokenError,
  type EnrolmentTokenErrorCode,
  parseEnrolmentToken,
} from './enrolment-token.ts';
export { limits } from './limits.ts';
export {
  type AuthorityAnswer,
  AuthorityAnswerSchema,
  type Succession,
  SuccessionSchema,
} from './messages/authority.ts';
export { formatSuccession } from './succession.ts';
export {
  type ChallengeAnswer,
  ChallengeAnswerSchema,
  type ChallengeRequest,
  ChallengeRequestSchema,
} from './messages/challenge.ts';
export {
  type ClaimAnswer,
  ClaimAnswerSchema,
  type ClaimRequest,
  ClaimRequestSchema,
  type Command,
  type CommandReport,
  CommandReportSchema,
  CommandSchema,
  type Progress,
  ReportedState,
  ReportOutcome,
  type ReportsAnswer,
  ReportsAnswerSchema,
  type ReportsRequest,
  ReportsRequestSchema,
} from './messages/command.ts';
export {
  type ComponentState,
  ComponentStateName,
  ComponentStateSchema,
  type ComponentStatesAnswer,
  ComponentStatesAnswerSchema,
  type ComponentStatesRequest,
  ComponentStatesRequestSchema,
} from './messages/component-states.ts';
export {
  type HandshakeAnswer,
  HandshakeAnswerSchema,
  type HandshakeRequest,
  HandshakeRequestSchema,
  type HandshakeWarning,
  type HeartbeatTerms,
} from './messages/handshake.ts';
export {
  type InventoryAnswer,
  InventoryAnswerSchema,
  type InventoryRequest,
  InventoryRequestSchema,
} from './messages/inventory.ts';
export {
  type LogEntry,
  LogEntrySchema,
  type LogsAnswer,
  LogsAnswerSchema,
  type LogsRequest,
  LogsRequestSchema,
  severities,
  type Severity,
} from './messages/log.ts';
export {
  countJsonValues,
  createBoundError,
  findBrokenJsonBound,
  type JsonBounds,
  jsonBounds,
  MessageError,
  type MessageErrorCode,
  parseHandshakeRequest,
  parseJson,
  parseMessage,
  parseRegistrationRequest,
  type SchemaCheck,
} from './messages/parse-message.ts';
export { datagramMediaType, mcpPath } from './messages/path.ts';
export {
  formRefusals,
  type McpProblemCode,
  mcpProblemStatus,
  type Problem,
  ProblemSchema,
} from './messages/problem.ts';
export {
  type Capabilities,
  CapabilitiesSchema,
  type Device,
  DeviceSchema,
  type Product,
  ProductSchema,
} from './messages/product.ts';
export {
  type AwaitingApprovalAnswer,
  AwaitingApprovalAnswerSchema,
  type RegisteredAnswer,
  RegisteredAnswerSchema,
  type RegistrationAnswer,
  RegistrationAnswerSchema,
  type RegistrationRequest,
  RegistrationRequestSchema,
} from './messages/registration.ts';
export { type SignedBody, SignedBodySchema } from './messages/signed-body.ts';
export {
  type TransportAnswer,
  TransportAnswerSchema,
  type TransportRequest,
  TransportRequestSchema,
} from './messages/transport.ts';
export { chooseTransport, type ProbeEvidence, Transport, TransportReason } from './transport-choice.ts';
export {
  chooseMode,
  CommunicationMode,
  type ListenerEvidence,
  type ModeChoice,
  type ModeEvidence,
  ModeReason,
} from './mode-choice.ts';
export { HeartbeatWay, turnAfterUnanswered } from './heartbeat-way.ts';
export {
  acknowledgementWait,
  planAfterUnansweredMs,
  planFirstHeartbeatMs,
  planHeartbeatRepeatMs,
  planNextHeartbeatMs,
} from './pacing.ts';
export { describeSchema, findSchemaFaults, type SchemaError, type SchemaFault } from './schema-words.ts';
export { parseServerAddress, splitServerAddress } from './server-address.ts';
export type { AssertionContent, AssertionSigner } from './client/assertion-signer.ts';
export { fetchAuthority, proveServer } from './client/authority.ts';
export {
  fingerprintsOf,
  pinAuthorities,
  type PinnedAuthority,
  verifyAuthority,
} from './client/pinned-authority.ts';
export {
  isHandshakeNeeded,
  McpClientError,
  type McpClientErrorCode,
  McpProblem,
} from './client/client.errors.ts';
export {
  type Acknowledgement,
  type DatagramTiming,
  defaultDatagramTiming,
  type HeartbeatNeeds,
  type SentHeartbeat,
} from './client/heartbeat-sender.ts';
export type { HandshakeOutcome } from './client/handshake-outcome.ts';
export { createMcpClient, type McpClient } from './client/mcp-client.ts';
export type { FileAccess, McpClientOptions, ProductFacts } from './client/mcp-client-options.ts';
export type { McpState, McpStateStore } from './client/mcp-state.ts';
export type { ListenerRefusal, NotificationHandling, ReceivedNotification } from './client/notifications.ts';
export { planLogBatch } from './client/log-batch.ts';
export { planReportBatch } from './client/report-batch.ts';
