import { type LinuxSource, readLine } from './linux-source.ts';
import { findRootLayers, type Mount, parseMountInfo } from './mount-info.ts';

/** A container that shows the kernel, and often the firmware, of the computer that it runs on. */
export interface ContainerSigns {
  /** E.g. `docker`, `lxc`, `wsl`; `container` where only its walls are seen. */
  readonly kind: string;
  /** What tells it from its neighbours, as its manager named it; `undefined` where nothing does. */
  readonly id: string | undefined;
}

// Numbers that the kernel gives to its first namespaces (include/linux/proc_ns.h): whoever sees others lives in walls.
const FIRST_NAMESPACES = { pid: 'pid:[4026531836]', cgroup: 'cgroup:[4026531835]' } as const;

const MARKERS: readonly (readonly [path: string, kind: string])[] = [
  ['/run/.containerenv', 'podman'],
  ['/var/run/secrets/kubernetes.io/serviceaccount/token', 'kubernetes'],
  ['/run/secrets/kubernetes.io/serviceaccount/token', 'kubernetes'],
  ['/dev/.lxc-boot-id', 'lxc'],
  ['/dev/lxd/sock', 'lxc'],
  ['/dev/incus/sock', 'lxc'],
  ['/.singularity.d/runscript', 'apptainer'],
];

/** Managers by the groups that they make for their containers, and by where they keep what is in them. */
const PLACES: readonly (readonly [place: RegExp, kind: string])[] = [
  [/kubepods|\/kubelet\/pods\//u, 'kubernetes'],
  [/\/lxc(?:\.payload)?[/.]|\/lxd\/|\/incus\//u, 'lxc'],
  [/libpod|\/containers\/storage\/|\/conmon/u, 'podman'],
  [/\/docker[/-]|docker-[0-9a-f]{12}|\/overlay2\/|\/buildkit\//u, 'docker'],
  [
    /cri-containerd|\/containerd\/|\.containerd\.|\/snapshots\/\d+\/fs|cri-o|\/crio-|\/actions_job\/|\/ecs\/|\/garden\//u,
    'container',
  ],
  [/systemd-nspawn|\/machine\.slice\/machine-/u, 'systemd-nspawn'],
];

// First processes that only containers have. The agent itself may be one, under the name of its runtime.
const CONTAINER_INIT =
  /^(?:tini|dumb-init|docker-init|podman-init|catatonit|pause|conmon|node|(?:node-)?MainThread)$/u;
const SYSTEM_INIT =
  /^(?:systemd|init|openrc-init|runit|runit-init|s6-svscan|s6-linux-init|dinit|procd|busybox|finit|shepherd|linuxrc)$/u;

/**
 * The container in which the agent runs; `undefined` on a computer of its own. Takes any of the signs that systemd-detect-virt(1)
 * knows, and of those that managers leave behind who set none of them.
 */
export function findContainer(source: LinuxSource): ContainerSigns | undefined {
  const text = source.readText('/proc/self/mountinfo') ?? '';
  const mounts = parseMountInfo(text);
  const layers = findRootLayers(text);
  const kind = findKind(source, mounts, layers);
  return kind === undefined ? undefined : { kind, id: findId(source, mounts, layers) };
}

function findKind(source: LinuxSource, mounts: readonly Mount[], layers: string): string | undefined {
  return (
    findNamed(source) ??
    findSystemKind(source) ??
    MARKERS.find(([path]) => hasFile(source, path))?.[1] ??
    findByPlace([readGroups(source)]) ??
    findByMounts(mounts, layers) ??
    // It stays in images, of which virtual machines are made too: there, nothing else tells of a container.
    (hasFile(source, '/.dockerenv') && whereAbout(source, 'pid') !== 'first' ? 'docker' : undefined) ??
    (hasWalls(source, layers) ? 'container' : undefined)
  );
}

/** Also sockets and what may not be read are there. */
function hasFile(source: LinuxSource, path: string): boolean {
  const at = path.lastIndexOf('/');
  return (
    source.readText(path) !== undefined ||
    source.listNames(path.slice(0, at) || '/').includes(path.slice(at + 1))
  );
}

/** What a manager wrote down, in the files that systemd reads and in the variables of the first process. */
function findNamed(source: LinuxSource): string | undefined {
  const told =
    readLine(source, '/run/host/container-manager') ??
    readLine(source, '/run/systemd/container') ??
    ['/proc/1/environ', '/proc/self/environ']
      .flatMap((path) => (source.readText(path) ?? '').split('\0'))
      .flatMap((variable) =>
        variable.startsWith('KUBERNETES_SERVICE_HOST=')
          ? 'kubernetes'
          : (/^container=(.+)$/u.exec(variable)?.[1] ?? []),
      )[0];
  if (told === undefined) {
    // systemd makes the file in containers alone; one without a name is a sign all the same.
    return source.readText('/run/systemd/container') === undefined ? undefined : 'container';
  }
  return /^[a-z][a-z0-9-]{0,30}$/u.test(told) && told !== 'oci' ? told : 'container';
}

function findSystemKind(source: LinuxSource): string | undefined {
  // OpenVZ shows /proc/vz on both sides and /proc/bc outside only.
  if (source.listNames('/proc/vz').length > 0 && source.listNames('/proc/bc').length === 0) return 'openvz';
  return /microsoft|wsl/iu.test(readLine(source, '/proc/sys/kernel/osrelease') ?? '') ? 'wsl' : undefined;
}

function readGroups(source: LinuxSource): string {
  return ['/proc/1/cgroup', '/proc/self/cgroup'].map((path) => source.readText(path) ?? '').join('\n');
}

function findByPlace(texts: readonly string[]): string | undefined {
  return PLACES.find(([place]) => texts.some((text) => place.test(text)))?.[1];
}

function findByMounts(mounts: readonly Mount[], layers: string): string | undefined {
  // Numbers of the kernel that LXC shows as the container's own.
  if (
    mounts.some(
      ({ fileSystem, mountPoint }) => fileSystem === 'fuse.lxcfs' && mountPoint.startsWith('/proc/'),
    )
  ) {
    return 'lxc';
  }
  const byLayers = findByPlace([layers]);
  if (byLayers !== undefined) return byLayers;
  // Managers lay files of their own over these; a computer has them in its root.
  const files = mounts.filter(({ mountPoint }) => NAME_FILES.has(mountPoint));
  if (files.length < 2) return undefined;
  return findByPlace(files.map((mount) => mount.root)) ?? 'container';
}

const NAME_FILES = new Set(['/etc/hosts', '/etc/hostname', '/etc/resolv.conf']);

/** The walls themselves, whoever built them. */
function hasWalls(source: LinuxSource, layers: string): boolean {
  const isElsewhere = whereAbout(source, 'pid') === 'other' || whereAbout(source, 'cgroup') === 'other';
  if (isElsewhere || isBelowFirstGroup(source)) return true;
  const init = readLine(source, '/proc/1/comm') ?? '';
  // Computers whose root is laid over another one (live systems, read-only roots) start it with an init of theirs.
  return CONTAINER_INIT.test(init) || (layers !== '' && !SYSTEM_INIT.test(init));
}

function whereAbout(source: LinuxSource, name: keyof typeof FIRST_NAMESPACES): 'first' | 'other' | 'unknown' {
  const own = source.readLink(`/proc/self/ns/${name}`);
  if (own === undefined) return 'unknown';
  return own === FIRST_NAMESPACES[name] ? 'first' : 'other';
}

/** What the first group of the system has not (version 2), or alone has (version 1), as systemd asks. */
function isBelowFirstGroup(source: LinuxSource): boolean {
  const names = source.listNames('/sys/fs/cgroup');
  if (names.includes('cgroup.events')) {
    return names.includes('cgroup.type') || source.readText('/sys/kernel/cgroup/features') === undefined;
  }
  const first = source.listNames('/sys/fs/cgroup/systemd');
  return first.length > 0 && !first.includes('release_agent');
}

const CONTAINER_ID = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/u;
const POD_ID = /\/pods\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\//u;
const LXC_NAME = /\/lxc(?:\.payload)?[./]([A-Za-z0-9._-]{1,100})/u;

/** Names of the manager that are unique on the computer at least: of the container, its pod, or its own layer of files. */
function findId(source: LinuxSource, mounts: readonly Mount[], layers: string): string | undefined {
  const groups = readGroups(source);
  const owned = mounts.filter(({ mountPoint }) => NAME_FILES.has(mountPoint)).map((mount) => mount.root);
  const ownLayer = /(?:^|,)upperdir=([^,]+)/u.exec(layers)?.[1];
  const texts = [source.readText('/run/.containerenv') ?? '', groups, ...owned, ownLayer ?? ''];
  const find = (pattern: RegExp) => texts.flatMap((text) => pattern.exec(text) ?? [])[0];
  return (
    find(CONTAINER_ID) ??
    texts.flatMap((text) => POD_ID.exec(text)?.[1] ?? [])[0] ??
    ownLayer ??
    LXC_NAME.exec(groups)?.[1]
  );
}
