// What engines do otherwise than Docker 20.10 does, as `npm run matrix` meets it. A test that fails on an
// engine and is not here fails the matrix; one that is here and passes is told as stale.

const podman = ['podman']

/** @type {readonly import('../../scripts/lib/matrix/judge.mjs').Difference[]} */
export const differences = [
  {
    engines: podman,
    says: 'Images are told by their full names: `docker.io/…` or `localhost/…` stands before a short one, and what comes out of a tar without a registry in its name is under `localhost/`, and is found by that only. Groups, clean-ups and lists go by those names, and sizes are counted otherwise.',
    tests: {
      dockops: [
        'the example of dockops’ README, at other addresses',
        'create, start, stop, remove, both ways and with events',
        'images: list, listGroup, removeGroup, both ways',
      ],
      'images-clean': [
        'olderThan goes by the build; a dry run tells the same and removes nothing',
        'filters alone: by label, by reference, without a name',
        'what others are built on stays, and is told of; with them it goes',
        'by its digest alone, in two repositories',
        'unusedFor: pulled, loaded, tagged, built, made a container of: kept, until the time is over',
        'gc does not keep the process',
        'prune: without a name, or all; a dry run tells what goes',
      ],
      images: [
        'list: all fields of the engine, by filters, intermediate ones with all',
        'listGroup: one repository, whatever the tag, and no other with the same beginning',
        'an image that is there by its digest alone is of its group, and leaves it by it',
        'removeGroup: all tags, and what has another name keeps that',
        'removeGroup: built on one another, many at once',
        'removeGroup: one that is in use is told of, and stops nothing',
        'save, remove, load: the same image, by path, Buffer, stream and gzip',
        'import: from path, Buffer and stream, with name, message and changes',
      ],
    },
  },
  {
    engines: podman,
    says: 'A list of containers without `all` has none that are paused.',
    tests: { containers: ['lists by state, by group and by image'] },
  },
  {
    engines: podman,
    says: 'Health checks are run by systemd: without it a container stays `starting`.',
    tests: {
      'wait-for': ['healthy, and what has no healthcheck'],
      'create-options': ['a healthcheck is carried out, a restart policy is followed'],
    },
  },
  {
    engines: podman,
    says: 'The source of a bind mount that is missing is made, not refused with `BIND_SOURCE_MISSING`.',
    tests: {
      run: ['a missing bind source: BIND_SOURCE_MISSING, nothing made; createPaths makes it'],
      'create-options': ['a bind mount whose source is missing is told before anything is made'],
    },
  },
  {
    engines: podman,
    says: '`gpus` is ignored.',
    tests: { 'create-options': ['gpus that are not there are told'] },
  },
  {
    engines: podman,
    says: 'Where some `ulimits` are given, the others are raised as far as a machine can, which one that is a container itself refuses.',
    tests: {
      run: ['the other options reach the engine'],
      'create-options': ['the program sees them'],
    },
  },
  {
    engines: podman,
    says: 'A wait for `removed` tells exit code 0, whatever it was.',
    tests: {
      run: ['remove: gone when it ends, and its exit code is known all the same'],
      container: ['wait: its timeout leaves the container alone; conditions'],
      lifecycle: ['a wait that was begun before a start, a kill or a stop does not miss the end'],
    },
  },
  {
    engines: podman,
    says: 'The events of a time that is over are not told where `until` is given.',
    tests: {
      'broken-replies': ['whole numbers beyond 2^53 are in the text of a stream as they came'],
      events: [
        'since and until: of the past, to its end',
        '`until` as a Date is a whole millisecond: what happened in it is told',
      ],
    },
  },
  {
    engines: podman,
    says: 'A remote context that is a tar is not unpacked.',
    tests: { 'build-contexts': ['a remote context: a tar over http, a git repository'] },
  },
  {
    engines: podman,
    says: 'An image of a private registry that nobody was logged in for is told as `unauthorized`, not as `not-found`; tokens of a registry are not passed on.',
    tests: {
      credentials: [
        'given outright: the right ones pull, wrong ones and none are unauthorized',
        'so too where they are found in different surroundings, or are tokens',
        'auths of config.json: in every spelling that docker has written',
        'tokens that have expired: unauthorized',
        'a helper that has nothing: what is written serves, else nobody asks',
      ],
    },
  },
  {
    engines: podman,
    says: 'What a registry has cannot be asked for without a pull (`distribution`): the pull policy `newer` takes what is there.',
    tests: {
      system: ['what a registry has under a name, without a pull'],
      credentials: ["pullPolicy 'newer' asks a private registry with the same credentials"],
    },
  },
  {
    engines: podman,
    says: '`info().ID` is another one with each call.',
    tests: {
      modem: ['dokeres.modem and dokeres.docker are on the same connection'],
      dockops: ['what createDocker gives has dockerode’s methods, where there is a dockerode'],
      'engine-life': ['another engine takes the socket over: the same client goes on with that'],
    },
  },
  {
    engines: podman,
    says: 'There is no `update` of a container: it is `NOT_SUPPORTED`.',
    tests: {
      dockops: ['with ours: containers whose methods take callbacks, as dockerode’s'],
      lifecycle: ['update changes what is given, zeros included, and leaves the rest'],
    },
  },
  {
    engines: podman,
    says: 'There are no websockets, sessions or gRPC.',
    tests: {
      modem: ['a build by BuildKit, with its session'],
      'engine-api': [
        'what takes the connection over is reached through the modem: websockets, sessions, gRPC',
      ],
    },
  },
  {
    engines: podman,
    says: 'There is no `--live-restore` to be set: containers always live on without the service.',
    tests: {
      'engine-restart': [
        'SIGTERM, containers live on: followed logs, monitor and events go on',
        'SIGKILL, containers live on: followed logs, monitor and events go on',
      ],
    },
  },
  {
    engines: podman,
    says: 'A build goes on after its connection is closed: an abort rejects, and the engine builds to the end.',
    tests: { ensure: ["all callers' abort stops the engine's work and leaves nothing"] },
  },
  {
    engines: podman,
    says: 'The end of a container is told as `remove`, not as `destroy`.',
    tests: {
      events: [
        'events are parsed, every field, and filtered; it listens before it is read',
        "a container's own events",
        'handlers by kind: one after the other; what they throw is told; stop waits for them',
        'the engine is restarted after SIGTERM: nothing lost, nothing twice',
        'the engine is restarted after SIGKILL: nothing lost, nothing twice',
      ],
    },
  },
  {
    engines: podman,
    says: 'An `exec` that is detached is told to run for `exit_command_delay` (five minutes) after its end, and is then forgotten with its exit code: `wait()` rejects with `NOT_FOUND`.',
    tests: {
      'exec-handle': [
        'a detached command resolves at once, to a handle that is waited on',
        'kill ends it and what it started; other signals reach it',
        'kill reaches a command of another user',
        'disposing of the handle ends the command',
        'without a shell in the image, an engine on this machine is helped from outside',
      ],
    },
  },
  {
    engines: podman,
    says: "Archives: folders have no slash at the end of their names, `stat` tells a link's target of files that are none, owners are not kept from one container to another, and what is in the way or read-only is refused in other words, or not at all.",
    tests: {
      files: [
        'a link is written and read through, to a file that is not there yet as well',
        'stat',
        'from one container to another, by object or by name, running or not',
        'putArchive takes bytes, a path, a stream, and what is compressed',
        'getArchive gives the engine’s tar, and putArchive takes it again',
        'a read-only root file system is told as such, and volumes in it are written',
      ],
    },
  },
  {
    engines: podman,
    says: '`docker cp` itself differs there in what it makes of folders that are there already.',
    tests: {
      'files-rules': [
        'copyTo goes by the rules of docker cp',
        'copyFrom goes by the rules of docker cp',
      ],
    },
  },
  {
    engines: podman,
    says: 'Ids are told without `sha256:` where Docker has it.',
    tests: {
      images: ['inspect, history, tag and remove by name'],
      lifecycle: ['commit and export make an image of it'],
    },
  },
  {
    engines: podman,
    says: 'A push or pull of all tags at once is one of `latest`.',
    tests: {
      images: ['build, push and pull, one tag and all tags'],
    },
  },
  {
    engines: podman,
    says: 'A saved image has the layout of its own tars: no `repositories`, other names.',
    tests: {
      images: ['who says no at the very end of a save is heard too'],
    },
  },
  {
    engines: podman,
    says: 'A container that is paused cannot be stopped: `CONFLICT`.',
    tests: {
      lifecycle: ['every method of the lifecycle is idempotent, in every state'],
    },
  },
  {
    engines: podman,
    says: '`top` tells all columns as one.',
    tests: {
      lifecycle: ['top and changes'],
    },
  },
  {
    engines: podman,
    says: 'A port is published before the container is started.',
    tests: {
      lifecycle: ['port waits for a start, no longer than its timeout, and knows an end'],
    },
  },
  {
    engines: podman,
    says: 'Options of a log driver are not told.',
    tests: {
      lifecycle: ['options of run reach the container'],
    },
  },
  {
    engines: podman,
    says: 'With CNI and without its DNS plugin, aliases are not resolved; a subnet that the machine has already is refused.',
    tests: {
      lifecycle: ['a network’s aliases and addresses'],
    },
  },
  {
    engines: podman,
    says: 'Long lines of a log come in pieces of 8 KiB, each with a time stamp of its own; of several containers they may meet within a line, `tail` counts otherwise, and of a terminal that was restarted the log ends.',
    tests: {
      'logs-follow': [
        'through restarts of a terminal: no line lost, none twice, until it is removed',
        'from where it is told: tail, since, timestamps; options that do not go together',
        'several merged: each line whole, with its container; prefixes stand in line',
        'several followed: named ones to their end, or through restarts until they are removed',
        'long lines and many bytes: whole lines, and back-pressure',
      ],
    },
  },
  {
    engines: podman,
    says: 'The log of a container that has ended may break off where it is long.',
    tests: {
      container: ['lines() puts a line together however long it is, and of each stream its own'],
    },
    sometimes: true,
  },
  {
    engines: podman,
    says: 'Events of pulls and builds come late, or not at all: how often the engine was asked cannot be counted by them.',
    tests: {
      ensure: [
        '500 parallel calls on 500 objects of 5 engines: one pull',
        '500 parallel calls on 500 objects of 5 engines: one build; once removed, built again',
        'policies: always pulls, never does not, build does not pull, newer asks first',
      ],
    },
    sometimes: true,
  },
  {
    engines: podman,
    says: 'Containers are listed in another order.',
    tests: { dockops: ['what can be done is done, and the rest told'] },
    sometimes: true,
  },
  {
    engines: podman,
    says: 'There is no build cache to be pruned.',
    tests: { system: ['the build cache is pruned as it is told'] },
  },
  {
    engines: podman,
    says: 'A container that has just ended may be told as `stopped`.',
    tests: {
      'wait-for': ['a container that dies: at once, with its state and its last lines'],
    },
    sometimes: true,
  },
  {
    engines: podman,
    says: 'A pull does not tell whether there was anything new: it is always `downloaded`.',
    tests: { 'pull-build': ['pull tells what it did: downloaded, then up to date'] },
  },
  {
    engines: podman,
    says: 'A layer is `Download complete` at last, never `Pull complete`, and bytes are not told: the progress of a pull has no percent.',
    tests: {
      progress: [
        'a pull adds its layers up: bytes, percent, speed; ten times a second at most, the last always',
        "progress: 'plain' is a line for each change, on stderr",
        "progress: 'tty' draws on a terminal, and leaves the last state and the cursor there",
      ],
    },
  },
  {
    engines: podman,
    says: 'An attach that is hijacked takes the body of its request for the first input.',
    tests: {
      'modem-streams': ['a hijacked attach: both directions, half-closed'],
      modem: ['run: output, exit code, with a callback and with a promise'],
    },
  },
]
