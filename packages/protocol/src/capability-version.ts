/**
 * What a product of this version of the protocol understands, as one number. It grows by one with every change that a
 * peer must know of, each with a dated line here and in docs/protocol.md.
 *
 * - 1 (2026-11-22): registration, handshake, probes, heartbeats by UDP and HTTPS, claims and reports of commands, inventory.
 */
export const capabilityVersion = 1;
