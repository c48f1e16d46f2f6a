import { assertPlainPath } from './plain-path.ts';

export interface SystemdUnitOptions {
  /** Which program that is decides `start-program.ts`. */
  readonly startProgramPath: string;
  /** The agent's state folder, the only place it may write to. */
  readonly home: string;
}

/**
 * The text of holdfast-agent.service. The agent runs as root, because facts of disks and firmware are for root only, and
 * gives up everything else that root could do but to speak in the name of whoever is signed in. The computer goes down by systemd.
 *
 * @throws ServiceError SERVICE_PATH_UNUSABLE
 */
export function formatSystemdUnit({ startProgramPath, home }: SystemdUnitOptions): string {
  for (const path of [startProgramPath, home]) assertPlainPath(path);
  return `[Unit]
Description=Holdfast agent
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=${startProgramPath} run
# An agent that was killed cannot say so itself. After a clean stop this does nothing; its failure (-) is none of the service.
ExecStopPost=-${startProgramPath} goodbye
Environment=HOLDFAST_AGENT_HOME=${home} NODE_ENV=production MALLOC_ARENA_MAX=2
Restart=always
RestartSec=15
# It ended to be started again, as a command asked.
SuccessExitStatus=75
# It belongs to no server and waits for none: starting it again changes nothing.
RestartPreventExitStatus=78
TimeoutStopSec=10
KillMode=mixed
UMask=0077

# An agent cannot hurt its host. At rest it has a quarter of this; the rest is for a large increment.
MemoryMax=256M
TasksMax=64
CPUQuota=50%
Nice=5

# Reads the system, writes its state folder. Homes stay visible, read only: their volumes are among the facts.
ProtectSystem=strict
ReadWritePaths=${home}
ProtectHome=read-only
PrivateTmp=yes
DevicePolicy=closed
DeviceAllow=block-* r
# Messages to whoever is signed in: on terminals by the group that \`write\` and \`wall\` have, on a desktop in the name of its user.
DeviceAllow=char-pts rw
DeviceAllow=char-tty rw
SupplementaryGroups=tty
CapabilityBoundingSet=CAP_SETUID CAP_SETGID
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectProc=invisible
NoNewPrivileges=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
# Not here, and why: MemoryDenyWriteExecute, because not every runtime starts with it; ProtectHostname, because
# the agent would go on reporting the old name after a renaming.

[Install]
WantedBy=multi-user.target
`;
}
