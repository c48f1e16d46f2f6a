/**
 * Every bound of the protocol in one place. Both sides enforce them before they decode, so that a hostile or
 * broken peer costs a bounded amount of memory and time.
 */
export const limits = {
  /** Fits any path without fragmentation (IPv6 minimum MTU 1,280) and leaves room for 32 activity items. */
  maxDatagramBytes: 512,
  /** Header 24, fixed body 16, code 16. Acknowledgements and probes are exactly this long, so that no answer is larger than its question. */
  minDatagramBytes: 56,
  /** Enough for years of append-only items; keeps the walk over them constant. */
  maxActivityItems: 32,

  /** A product number, a sequence and a time must survive JSON, whose integers are exact up to 2^53-1. */
  maxProductNumber: Number.MAX_SAFE_INTEGER,
  maxSequence: Number.MAX_SAFE_INTEGER,
  maxEpoch: 0xffff_ffff,

  /** Pasted by people and passed as one argument; 8 addresses of usual length fit. */
  maxEnrolmentTokenCharacters: 2_048,
  /** A server is reachable under a few names: outside, inside, by address. */
  maxServerAddresses: 8,
  /** A DNS name has at most 253 characters; scheme, brackets and port come on top. */
  maxServerAddressCharacters: 300,

  /** A compact JWS with a P-256 key in its header is about 900 characters. */
  maxAssertionCharacters: 2_048,
  /** The signed request string of a registration or handshake: receipt, names, up to 64 command types. */
  maxSignedRequestCharacters: 16_384,
  /** A sealed receipt with the longest group path kept in it. */
  maxReceiptCharacters: 4_096,
  maxAccessTokenCharacters: 512,
  maxNonceCharacters: 256,

  maxProductKindCharacters: 64,
  maxProductNameCharacters: 100,
  maxProductVersionCharacters: 64,
  maxDeviceNameCharacters: 255,
  maxHardwareIdCharacters: 128,
  maxPlatformCharacters: 32,
  maxGroupNameCharacters: 255,
  /** The directory allows fewer levels; this only bounds the message. */
  maxGroupPathLength: 64,
  maxCommandTypes: 64,

  /** One claim. What is left is claimed at once by the next call, so nothing waits for it. */
  maxCommandsPerClaim: 50,
  maxCommandTypeCharacters: 64,
  /** Parameters order work; data travels by other calls. */
  maxCommandParametersBytes: 16_384,
  maxReportsPerCall: 50,
  /** A result is a summary for people and programs; files travel by other calls. */
  maxCommandResultBytes: 65_536,
  maxReportCodeCharacters: 64,
  maxReportDetailCharacters: 2_000,
  /** One line beside a progress bar. */
  maxProgressTextCharacters: 200,
  maxInventoryBytes: 262_144,

  /** Deep enough for facts; far below what any recursive reader can take. */
  maxJsonDepth: 16,
  /**
   * A full batch of log entries with a dozen facts each has a third of it. A text of 1 MiB could have 350,000, which take
   * a whole core for a quarter of a second and 20 MiB.
   */
  maxJsonValues: 32_768,
  /** Body of a registration or handshake: assertion and request string, with room for JSON escapes. */
  maxSignedBodyBytes: 65_536,
  /** Body of a batch of reports. A sender splits its batch by size as well as by count. */
  maxReportsBodyBytes: 1_048_576,
  /** Body of an inventory: the facts and their frame. */
  maxInventoryBodyBytes: 270_336,
  /** One batch of log entries. What is left follows at once. */
  maxLogEntriesPerCall: 500,
  maxLogTextCharacters: 2_000,
  maxLogFactsBytes: 8_192,
  maxLogTypeCharacters: 64,
  /** Body of a batch as JSON, and as it travels when it is compressed. */
  maxLogBodyBytes: 1_048_576,
  maxCompressedLogBodyBytes: 262_144,
  /** What one product has of components: patterns, rules, engines and programs. */
  maxComponents: 256,
  /** One sentence, and what to do. */
  maxComponentReasonCharacters: 500,
  /** Body of the states of all components: 256 of about a thousand bytes, whatever the language of the reasons. */
  maxComponentStatesBodyBytes: 524_288,
  /** Secrets of an organisation on its LANs at one time. */
  maxLanSecrets: 3,
  /** Networks that one product takes part in. */
  maxLanSegments: 8,
  /** Addresses of others on the same network. */
  maxLanHints: 8,
  maxLanUploads: 64,
  /** Bytes per second: ten gigabits. */
  maxLanRate: 1_250_000_000,
  /** Over which updates are spread. */
  maxUpdateWindowMs: 86_400_000,
  /** Every other body a product sends. */
  maxSmallBodyBytes: 4_096,
  /** The largest answer a product reads: 50 commands with 16 KiB of parameters, and their frame. */
  maxAnswerBytes: 1_048_576,
  maxCertificateCharacters: 16_384,
  /** Steps from one authority to the next that a server tells, and a product follows. */
  maxSuccessions: 8,
  /** Authorities that a product trusts at one time. */
  maxAuthorities: 4,

  /** Shortest and longest heartbeat interval a server may ask for: one second, eight hours. */
  minHeartbeatIntervalMs: 1_000,
  maxHeartbeatIntervalMs: 28_800_000,
  /** Longest offline timeout: seven days. */
  maxOfflineTimeoutMs: 604_800_000,
  /** An offline timeout holds at least this many intervals, so that two lost datagrams change nothing. */
  minIntervalsPerOfflineTimeout: 3,

  /** Probes after a handshake, and the pause between them. */
  probeCount: 3,
  probePauseMs: 300,
  nonceBytes: 16,

  /** Longest time over which a fleet comes back after its server was away: one hour. */
  maxReturnSpreadMs: 3_600_000,
  /** The server writes to a held stream at least this often, so that both ends and all between know that it lives. */
  streamQuietMs: 60_000,
  /** A held stream that brought nothing for this long is given up. */
  streamSilentMs: 150_000,
  /** A listener answers a notification at once, or the server takes it for gone. */
  notificationTimeoutMs: 2_000,
  /** A listener serves so many connections at a time: the server needs one. */
  maxListenerConnections: 8,
  /** Ports below this belong to services of the system; a server never calls them. */
  minListenerPort: 1_024,

  /** A challenge is answered at once; the rest is for slow links. */
  challengeLifetimeMs: 60_000,
  assertionLifetimeS: 60,
  /** A clock that differs more is worth a warning; certificates and logs of that device will look wrong. */
  clockSkewWarningMs: 60_000,
} as const;
