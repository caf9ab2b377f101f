// The engine's JSON: Docker Engine API 1.53, from its published definition (api/docs/v1.53.yaml of
// moby/moby, Apache License 2.0) by way of the models of bollard-stubs 1.53.1-rc.29.3.1, which are
// generated from it. Written by scripts/api-types.mjs; not to be edited.
//
// Fields that a definition does not know, those of newer and of older engines, are there as well:
// `[field: string]: unknown`. A number beyond 2^53 comes as `bigint`, one within it as `number`;
// the fields that pass it in practice say so.

export interface Address {
  Addr?: string
  PrefixLen?: number
  [field: string]: unknown
}

export interface AuthConfig {
  username?: string
  password?: string
  serveraddress?: string
  [field: string]: unknown
}

export interface AuthResponse {
  Status: string
  IdentityToken?: string
  [field: string]: unknown
}

export interface BuildCache {
  ID?: string
  Parents?: Array<string> | null
  Type?: BuildCacheType
  Description?: string
  InUse?: boolean
  Shared?: boolean
  Size?: number
  CreatedAt?: string
  LastUsedAt?: string
  UsageCount?: number
  [field: string]: unknown
}

export interface BuildCacheDiskUsage {
  ActiveCount?: number
  TotalCount?: number
  Reclaimable?: number
  TotalSize?: number
  Items?: Array<unknown> | null
  [field: string]: unknown
}

export type BuildCacheType =
  'internal' | 'frontend' | 'source.local' | 'source.git.checkout' | 'exec.cachemount' | 'regular'

export interface BuildIdentity {
  Ref?: string
  CreatedAt?: string
  [field: string]: unknown
}

export interface BuildInfo {
  id?: string
  stream?: string
  errorDetail?: ErrorDetail
  status?: string
  progressDetail?: ProgressDetail
  aux?: ImageId
  [field: string]: unknown
}

export interface BuildPruneResponse {
  CachesDeleted?: Array<string> | null
  SpaceReclaimed?: number
  [field: string]: unknown
}

export type ChangeType = 0 | 1 | 2

export interface ClusterInfo {
  ID?: string
  Version?: ObjectVersion
  CreatedAt?: string
  UpdatedAt?: string
  Spec?: SwarmSpec
  TLSInfo?: TLSInfo
  RootRotationInProgress?: boolean
  DataPathPort?: number
  DefaultAddrPool?: Array<string> | null
  SubnetSize?: number
  [field: string]: unknown
}

export interface ClusterVolume {
  ID?: string
  Version?: ObjectVersion
  CreatedAt?: string
  UpdatedAt?: string
  Spec?: ClusterVolumeSpec
  Info?: ClusterVolumeInfo
  PublishStatus?: Array<ClusterVolumePublishStatus> | null
  [field: string]: unknown
}

export interface ClusterVolumeInfo {
  CapacityBytes?: number
  VolumeContext?: Record<string, string> | null
  VolumeID?: string
  AccessibleTopology?: Array<Topology> | null
  [field: string]: unknown
}

export interface ClusterVolumePublishStatus {
  NodeID?: string
  State?: ClusterVolumePublishStatusState
  PublishContext?: Record<string, string> | null
  [field: string]: unknown
}

export type ClusterVolumePublishStatusState =
  'pending-publish' | 'published' | 'pending-node-unpublish' | 'pending-controller-unpublish'

export interface ClusterVolumeSpec {
  Group?: string
  AccessMode?: ClusterVolumeSpecAccessMode
  [field: string]: unknown
}

export interface ClusterVolumeSpecAccessMode {
  Scope?: ClusterVolumeSpecAccessModeScope
  Sharing?: ClusterVolumeSpecAccessModeSharing
  MountVolume?: Record<string, object> | null
  Secrets?: Array<ClusterVolumeSpecAccessModeSecrets> | null
  AccessibilityRequirements?: ClusterVolumeSpecAccessModeAccessibilityRequirements
  CapacityRange?: ClusterVolumeSpecAccessModeCapacityRange
  Availability?: ClusterVolumeSpecAccessModeAvailability
  [field: string]: unknown
}

export interface ClusterVolumeSpecAccessModeAccessibilityRequirements {
  Requisite?: Array<Topology> | null
  Preferred?: Array<Topology> | null
  [field: string]: unknown
}

export type ClusterVolumeSpecAccessModeAvailability = 'active' | 'pause' | 'drain'

export interface ClusterVolumeSpecAccessModeCapacityRange {
  RequiredBytes?: number
  LimitBytes?: number
  [field: string]: unknown
}

export type ClusterVolumeSpecAccessModeScope = 'single' | 'multi'

export interface ClusterVolumeSpecAccessModeSecrets {
  Key?: string
  Secret?: string
  [field: string]: unknown
}

export type ClusterVolumeSpecAccessModeSharing = 'none' | 'readonly' | 'onewriter' | 'all'

export interface Commit {
  ID?: string
  [field: string]: unknown
}

export interface Config {
  ID?: string
  Version?: ObjectVersion
  CreatedAt?: string
  UpdatedAt?: string
  Spec?: ConfigSpec
  [field: string]: unknown
}

export interface ConfigReference {
  Network?: string
  [field: string]: unknown
}

export interface ConfigSpec {
  Name?: string
  Labels?: Record<string, string> | null
  Data?: string
  Templating?: Driver
  [field: string]: unknown
}

export interface ContainerBlkioStatEntry {
  major?: number
  minor?: number
  op?: string
  value?: bigint | number
  [field: string]: unknown
}

export interface ContainerBlkioStats {
  io_service_bytes_recursive?: Array<ContainerBlkioStatEntry> | null
  io_serviced_recursive?: Array<ContainerBlkioStatEntry> | null
  io_queue_recursive?: Array<ContainerBlkioStatEntry> | null
  io_service_time_recursive?: Array<ContainerBlkioStatEntry> | null
  io_wait_time_recursive?: Array<ContainerBlkioStatEntry> | null
  io_merged_recursive?: Array<ContainerBlkioStatEntry> | null
  io_time_recursive?: Array<ContainerBlkioStatEntry> | null
  sectors_recursive?: Array<ContainerBlkioStatEntry> | null
  [field: string]: unknown
}

export interface ContainerCPUStats {
  cpu_usage?: ContainerCPUUsage
  system_cpu_usage?: bigint | number
  online_cpus?: number
  throttling_data?: ContainerThrottlingData
  [field: string]: unknown
}

export interface ContainerCPUUsage {
  total_usage?: bigint | number
  percpu_usage?: (bigint | number)[] | null
  usage_in_kernelmode?: bigint | number
  usage_in_usermode?: bigint | number
  [field: string]: unknown
}

export interface ContainerConfig {
  Hostname?: string
  Domainname?: string
  User?: string
  AttachStdin?: boolean
  AttachStdout?: boolean
  AttachStderr?: boolean
  ExposedPorts?: Array<string> | null
  Tty?: boolean
  OpenStdin?: boolean
  StdinOnce?: boolean
  Env?: Array<string> | null
  Cmd?: Array<string> | null
  Healthcheck?: HealthConfig
  ArgsEscaped?: boolean
  Image?: string
  Volumes?: Array<string> | null
  WorkingDir?: string
  Entrypoint?: Array<string> | null
  NetworkDisabled?: boolean
  OnBuild?: Array<string> | null
  Labels?: Record<string, string> | null
  StopSignal?: string
  StopTimeout?: number
  Shell?: Array<string> | null
  [field: string]: unknown
}

export interface ContainerCreateBody {
  Hostname?: string
  Domainname?: string
  User?: string
  AttachStdin?: boolean
  AttachStdout?: boolean
  AttachStderr?: boolean
  ExposedPorts?: Array<string> | null
  Tty?: boolean
  OpenStdin?: boolean
  StdinOnce?: boolean
  Env?: Array<string> | null
  Cmd?: Array<string> | null
  Healthcheck?: HealthConfig
  ArgsEscaped?: boolean
  Image?: string
  Volumes?: Array<string> | null
  WorkingDir?: string
  Entrypoint?: Array<string> | null
  NetworkDisabled?: boolean
  OnBuild?: Array<string> | null
  Labels?: Record<string, string> | null
  StopSignal?: string
  StopTimeout?: number
  Shell?: Array<string> | null
  HostConfig?: HostConfig
  NetworkingConfig?: NetworkingConfig
  [field: string]: unknown
}

export interface ContainerCreateResponse {
  Id: string
  Warnings: Array<string> | null
  [field: string]: unknown
}

export interface ContainerInspectResponse {
  Id?: string
  Created?: string
  Path?: string
  Args?: Array<string> | null
  State?: ContainerState
  Image?: string
  ResolvConfPath?: string
  HostnamePath?: string
  HostsPath?: string
  LogPath?: string
  Name?: string
  RestartCount?: number
  Driver?: string
  Platform?: string
  ImageManifestDescriptor?: OCIDescriptor
  MountLabel?: string
  ProcessLabel?: string
  AppArmorProfile?: string
  ExecIDs?: Array<string> | null
  HostConfig?: HostConfig
  GraphDriver?: DriverData
  Storage?: Storage
  SizeRw?: number
  SizeRootFs?: number
  Mounts?: Array<MountPoint> | null
  Config?: ContainerConfig
  NetworkSettings?: NetworkSettings
  [field: string]: unknown
}

export interface ContainerMemoryStats {
  usage?: number
  max_usage?: bigint | number
  stats?: Record<string, bigint | number> | null
  failcnt?: number
  limit?: bigint | number
  commitbytes?: number
  commitpeakbytes?: number
  privateworkingset?: number
  [field: string]: unknown
}

export interface ContainerNetworkStats {
  rx_bytes?: number
  rx_packets?: number
  rx_errors?: number
  rx_dropped?: number
  tx_bytes?: number
  tx_packets?: number
  tx_errors?: number
  tx_dropped?: number
  endpoint_id?: string
  instance_id?: string
  [field: string]: unknown
}

export interface ContainerPidsStats {
  current?: number
  limit?: number
  [field: string]: unknown
}

export interface ContainerPruneResponse {
  ContainersDeleted?: Array<string> | null
  SpaceReclaimed?: number
  [field: string]: unknown
}

export interface ContainerState {
  Status?: ContainerStateStatus
  Running?: boolean
  Paused?: boolean
  Restarting?: boolean
  OOMKilled?: boolean
  Dead?: boolean
  Pid?: number
  ExitCode?: number
  Error?: string
  StartedAt?: string
  FinishedAt?: string
  Health?: Health
  [field: string]: unknown
}

export type ContainerStateStatus =
  'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead' | 'stopping'

export interface ContainerStatsResponse {
  id?: string
  name?: string
  os_type?: string
  read?: string
  cpu_stats?: ContainerCPUStats
  memory_stats?: ContainerMemoryStats
  networks?: Record<string, ContainerNetworkStats> | null
  pids_stats?: ContainerPidsStats
  blkio_stats?: ContainerBlkioStats
  num_procs?: number
  storage_stats?: ContainerStorageStats
  preread?: string
  precpu_stats?: ContainerCPUStats
  [field: string]: unknown
}

export interface ContainerStatus {
  ContainerID?: string
  PID?: number
  ExitCode?: number
  [field: string]: unknown
}

export interface ContainerStorageStats {
  read_count_normalized?: number
  read_size_bytes?: number
  write_count_normalized?: number
  write_size_bytes?: number
  [field: string]: unknown
}

export interface ContainerSummary {
  Id?: string
  Names?: Array<string> | null
  Image?: string
  ImageID?: string
  ImageManifestDescriptor?: OCIDescriptor
  Command?: string
  Created?: number
  Ports?: Array<PortSummary> | null
  SizeRw?: number
  SizeRootFs?: number
  Labels?: Record<string, string> | null
  State?: ContainerSummaryState
  Status?: string
  HostConfig?: ContainerSummaryHostConfig
  NetworkSettings?: ContainerSummaryNetworkSettings
  Mounts?: Array<MountPoint> | null
  Health?: ContainerSummaryHealth
  [field: string]: unknown
}

export interface ContainerSummaryHealth {
  Status?: ContainerSummaryHealthStatus
  FailingStreak?: number
  [field: string]: unknown
}

export type ContainerSummaryHealthStatus = 'none' | 'starting' | 'healthy' | 'unhealthy'

export interface ContainerSummaryHostConfig {
  NetworkMode?: string
  Annotations?: Record<string, string> | null
  [field: string]: unknown
}

export interface ContainerSummaryNetworkSettings {
  Networks?: Record<string, EndpointSettings> | null
  [field: string]: unknown
}

export type ContainerSummaryState =
  'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'removing' | 'dead' | 'stopping'

export interface ContainerThrottlingData {
  periods?: number
  throttled_periods?: number
  throttled_time?: bigint | number
  [field: string]: unknown
}

export interface ContainerTopResponse {
  Titles?: Array<string> | null
  Processes?: Array<Array<string>> | null
  [field: string]: unknown
}

export interface ContainerUpdateBody {
  CpuShares?: number
  Memory?: number
  CgroupParent?: string
  BlkioWeight?: number
  BlkioWeightDevice?: Array<ResourcesBlkioWeightDevice> | null
  BlkioDeviceReadBps?: Array<ThrottleDevice> | null
  BlkioDeviceWriteBps?: Array<ThrottleDevice> | null
  BlkioDeviceReadIOps?: Array<ThrottleDevice> | null
  BlkioDeviceWriteIOps?: Array<ThrottleDevice> | null
  CpuPeriod?: number
  CpuQuota?: number
  CpuRealtimePeriod?: number
  CpuRealtimeRuntime?: number
  CpusetCpus?: string
  CpusetMems?: string
  Devices?: Array<DeviceMapping> | null
  DeviceCgroupRules?: Array<string> | null
  DeviceRequests?: Array<DeviceRequest> | null
  MemoryReservation?: number
  MemorySwap?: number
  MemorySwappiness?: number
  NanoCpus?: number
  OomKillDisable?: boolean
  Init?: boolean
  PidsLimit?: number
  Ulimits?: Array<ResourcesUlimits> | null
  CpuCount?: number
  CpuPercent?: number
  IOMaximumIOps?: number
  IOMaximumBandwidth?: number
  RestartPolicy?: RestartPolicy
  [field: string]: unknown
}

export interface ContainerUpdateResponse {
  Warnings?: Array<string> | null
  [field: string]: unknown
}

export interface ContainerWaitExitError {
  Message?: string
  [field: string]: unknown
}

export interface ContainerWaitResponse {
  StatusCode: number
  Error?: ContainerWaitExitError
  [field: string]: unknown
}

export interface ContainerdInfo {
  Address?: string
  Namespaces?: ContainerdInfoNamespaces
  [field: string]: unknown
}

export interface ContainerdInfoNamespaces {
  Containers?: string
  Plugins?: string
  [field: string]: unknown
}

export interface ContainersDiskUsage {
  ActiveCount?: number
  TotalCount?: number
  Reclaimable?: number
  TotalSize?: number
  Items?: Array<unknown> | null
  [field: string]: unknown
}

export interface CreateImageInfo {
  id?: string
  errorDetail?: ErrorDetail
  status?: string
  progressDetail?: ProgressDetail
  [field: string]: unknown
}

export interface DeviceInfo {
  Source?: string
  ID?: string
  [field: string]: unknown
}

export interface DeviceMapping {
  PathOnHost?: string
  PathInContainer?: string
  CgroupPermissions?: string
  [field: string]: unknown
}

export interface DeviceRequest {
  Driver?: string
  Count?: number
  DeviceIDs?: Array<string> | null
  Capabilities?: Array<Array<string>> | null
  Options?: Record<string, string> | null
  [field: string]: unknown
}

export interface DistributionInspect {
  Descriptor: OCIDescriptor
  Platforms: Array<OCIPlatform> | null
  [field: string]: unknown
}

export interface Driver {
  Name: string
  Options?: Record<string, string> | null
  [field: string]: unknown
}

export interface DriverData {
  Name: string
  Data: Record<string, string> | null
  [field: string]: unknown
}

export interface EndpointIPAMConfig {
  IPv4Address?: string
  IPv6Address?: string
  LinkLocalIPs?: Array<string> | null
  [field: string]: unknown
}

export interface EndpointPortConfig {
  Name?: string
  Protocol?: EndpointPortConfigProtocol
  TargetPort?: number
  PublishedPort?: number
  PublishMode?: EndpointPortConfigPublishMode
  [field: string]: unknown
}

export type EndpointPortConfigProtocol = 'tcp' | 'udp' | 'sctp'

export type EndpointPortConfigPublishMode = 'ingress' | 'host'

export interface EndpointResource {
  Name?: string
  EndpointID?: string
  MacAddress?: string
  IPv4Address?: string
  IPv6Address?: string
  [field: string]: unknown
}

export interface EndpointSettings {
  IPAMConfig?: EndpointIPAMConfig
  Links?: Array<string> | null
  MacAddress?: string
  Aliases?: Array<string> | null
  DriverOpts?: Record<string, string> | null
  GwPriority?: number
  NetworkID?: string
  EndpointID?: string
  Gateway?: string
  IPAddress?: string
  IPPrefixLen?: number
  IPv6Gateway?: string
  GlobalIPv6Address?: string
  GlobalIPv6PrefixLen?: number
  DNSNames?: Array<string> | null
  [field: string]: unknown
}

export interface EndpointSpec {
  Mode?: EndpointSpecMode
  Ports?: Array<EndpointPortConfig> | null
  [field: string]: unknown
}

export type EndpointSpecMode = 'vip' | 'dnsrr'

export interface EngineDescription {
  EngineVersion?: string
  Labels?: Record<string, string> | null
  Plugins?: Array<EngineDescriptionPlugins> | null
  [field: string]: unknown
}

export interface EngineDescriptionPlugins {
  Type?: string
  Name?: string
  [field: string]: unknown
}

export interface ErrorDetail {
  code?: number
  message?: string
  [field: string]: unknown
}

export interface ErrorResponse {
  message: string
  [field: string]: unknown
}

export interface EventActor {
  ID?: string
  Attributes?: Record<string, string> | null
  [field: string]: unknown
}

export interface EventMessage {
  Type?: EventMessageType
  Action?: string
  Actor?: EventActor
  scope?: EventMessageScope
  time?: number
  timeNano?: bigint
  [field: string]: unknown
}

export type EventMessageScope = 'local' | 'swarm'

export type EventMessageType =
  | 'builder'
  | 'config'
  | 'container'
  | 'daemon'
  | 'image'
  | 'network'
  | 'node'
  | 'plugin'
  | 'secret'
  | 'service'
  | 'volume'

export interface ExecConfig {
  AttachStdin?: boolean
  AttachStdout?: boolean
  AttachStderr?: boolean
  ConsoleSize?: Array<number> | null
  DetachKeys?: string
  Tty?: boolean
  Env?: Array<string> | null
  Cmd?: Array<string> | null
  Privileged?: boolean
  User?: string
  WorkingDir?: string
  [field: string]: unknown
}

export interface ExecInspectResponse {
  CanRemove?: boolean
  DetachKeys?: string
  ID?: string
  Running?: boolean
  ExitCode?: number | null
  ProcessConfig?: ProcessConfig
  OpenStdin?: boolean
  OpenStderr?: boolean
  OpenStdout?: boolean
  ContainerID?: string
  Pid?: number
  [field: string]: unknown
}

export interface ExecStartConfig {
  Detach?: boolean
  Tty?: boolean
  ConsoleSize?: Array<number> | null
  [field: string]: unknown
}

export interface FilesystemChange {
  Path: string
  Kind: ChangeType
  [field: string]: unknown
}

export interface FirewallInfo {
  Driver?: string
  Info?: Array<Array<string>> | null
  [field: string]: unknown
}

export type GenericResources = Array<GenericResourcesInner>

export interface GenericResourcesInner {
  NamedResourceSpec?: GenericResourcesInnerNamedResourceSpec
  DiscreteResourceSpec?: GenericResourcesInnerDiscreteResourceSpec
  [field: string]: unknown
}

export interface GenericResourcesInnerDiscreteResourceSpec {
  Kind?: string
  Value?: number
  [field: string]: unknown
}

export interface GenericResourcesInnerNamedResourceSpec {
  Kind?: string
  Value?: string
  [field: string]: unknown
}

export interface Health {
  Status?: HealthStatus
  FailingStreak?: number
  Log?: Array<HealthcheckResult> | null
  [field: string]: unknown
}

export interface HealthConfig {
  Test?: Array<string> | null
  Interval?: number
  Timeout?: number
  Retries?: number
  StartPeriod?: number
  StartInterval?: number
  [field: string]: unknown
}

export type HealthStatus = 'none' | 'starting' | 'healthy' | 'unhealthy'

export interface HealthcheckResult {
  Start?: string
  End?: string
  ExitCode?: number
  Output?: string
  [field: string]: unknown
}

export interface HostConfig {
  CpuShares?: number
  Memory?: number
  CgroupParent?: string
  BlkioWeight?: number
  BlkioWeightDevice?: Array<ResourcesBlkioWeightDevice> | null
  BlkioDeviceReadBps?: Array<ThrottleDevice> | null
  BlkioDeviceWriteBps?: Array<ThrottleDevice> | null
  BlkioDeviceReadIOps?: Array<ThrottleDevice> | null
  BlkioDeviceWriteIOps?: Array<ThrottleDevice> | null
  CpuPeriod?: number
  CpuQuota?: number
  CpuRealtimePeriod?: number
  CpuRealtimeRuntime?: number
  CpusetCpus?: string
  CpusetMems?: string
  Devices?: Array<DeviceMapping> | null
  DeviceCgroupRules?: Array<string> | null
  DeviceRequests?: Array<DeviceRequest> | null
  MemoryReservation?: number
  MemorySwap?: number
  MemorySwappiness?: number
  NanoCpus?: number
  OomKillDisable?: boolean
  Init?: boolean
  PidsLimit?: number
  Ulimits?: Array<ResourcesUlimits> | null
  CpuCount?: number
  CpuPercent?: number
  IOMaximumIOps?: number
  IOMaximumBandwidth?: number
  Binds?: Array<string> | null
  ContainerIDFile?: string
  LogConfig?: HostConfigLogConfig
  NetworkMode?: string
  PortBindings?: PortMap
  RestartPolicy?: RestartPolicy
  AutoRemove?: boolean
  VolumeDriver?: string
  VolumesFrom?: Array<string> | null
  Mounts?: Array<Mount> | null
  ConsoleSize?: Array<number> | null
  Annotations?: Record<string, string> | null
  CapAdd?: Array<string> | null
  CapDrop?: Array<string> | null
  CgroupnsMode?: HostConfigCgroupnsMode
  Dns?: Array<string> | null
  DnsOptions?: Array<string> | null
  DnsSearch?: Array<string> | null
  ExtraHosts?: Array<string> | null
  GroupAdd?: Array<string> | null
  IpcMode?: string
  Cgroup?: string
  Links?: Array<string> | null
  OomScoreAdj?: number
  PidMode?: string
  Privileged?: boolean
  PublishAllPorts?: boolean
  ReadonlyRootfs?: boolean
  SecurityOpt?: Array<string> | null
  StorageOpt?: Record<string, string> | null
  Tmpfs?: Record<string, string> | null
  UTSMode?: string
  UsernsMode?: string
  ShmSize?: number
  Sysctls?: Record<string, string> | null
  Runtime?: string
  Isolation?: HostConfigIsolation
  MaskedPaths?: Array<string> | null
  ReadonlyPaths?: Array<string> | null
  [field: string]: unknown
}

export type HostConfigCgroupnsMode = 'private' | 'host'

export type HostConfigIsolation = 'default' | 'process' | 'hyperv'

export interface HostConfigLogConfig {
  Type?: string
  Config?: Record<string, string> | null
  [field: string]: unknown
}

export interface IPAM {
  Driver?: string
  Config?: Array<IPAMConfig> | null
  Options?: Record<string, string> | null
  [field: string]: unknown
}

export interface IPAMConfig {
  Subnet?: string
  IPRange?: string
  Gateway?: string
  AuxiliaryAddresses?: Record<string, string> | null
  [field: string]: unknown
}

export interface IPAMStatus {
  Subnets?: Record<string, SubnetStatus> | null
  [field: string]: unknown
}

export interface IdResponse {
  Id: string
  [field: string]: unknown
}

export interface Identity {
  Signature?: Array<SignatureIdentity> | null
  Pull?: Array<PullIdentity> | null
  Build?: Array<BuildIdentity> | null
  [field: string]: unknown
}

export interface ImageConfig {
  User?: string
  ExposedPorts?: Array<string> | null
  Env?: Array<string> | null
  Cmd?: Array<string> | null
  Healthcheck?: HealthConfig
  ArgsEscaped?: boolean
  Volumes?: Array<string> | null
  WorkingDir?: string
  Entrypoint?: Array<string> | null
  OnBuild?: Array<string> | null
  Labels?: Record<string, string> | null
  StopSignal?: string
  Shell?: Array<string> | null
  [field: string]: unknown
}

export interface ImageDeleteResponseItem {
  Untagged?: string
  Deleted?: string
  [field: string]: unknown
}

export interface ImageHistoryResponseItem {
  Id: string
  Created: number
  CreatedBy: string
  Tags: Array<string> | null
  Size: number
  Comment: string
  [field: string]: unknown
}

export interface ImageId {
  ID?: string
  [field: string]: unknown
}

export interface ImageInspect {
  Id?: string
  Descriptor?: OCIDescriptor
  Manifests?: Array<ImageManifestSummary> | null
  Identity?: Identity
  RepoTags?: Array<string> | null
  RepoDigests?: Array<string> | null
  Comment?: string
  Created?: string
  Author?: string
  Config?: ImageConfig
  Architecture?: string
  Variant?: string
  Os?: string
  OsVersion?: string
  Size?: number
  GraphDriver?: DriverData
  RootFS?: ImageInspectRootFs
  Metadata?: ImageInspectMetadata
  [field: string]: unknown
}

export interface ImageInspectMetadata {
  LastTagTime?: string
  [field: string]: unknown
}

export interface ImageInspectRootFs {
  Type: string
  Layers?: Array<string> | null
  [field: string]: unknown
}

export interface ImageManifestSummary {
  ID: string
  Descriptor: OCIDescriptor
  Available: boolean
  Size: ImageManifestSummarySize
  Kind?: ImageManifestSummaryKind
  ImageData?: ImageManifestSummaryImageData
  AttestationData?: ImageManifestSummaryAttestationData
  [field: string]: unknown
}

export interface ImageManifestSummaryAttestationData {
  For: string
  [field: string]: unknown
}

export interface ImageManifestSummaryImageData {
  Platform: OCIPlatform
  Containers: Array<string> | null
  Size: ImageManifestSummaryImageDataSize
  [field: string]: unknown
}

export interface ImageManifestSummaryImageDataSize {
  Unpacked: number
  [field: string]: unknown
}

export type ImageManifestSummaryKind = 'image' | 'attestation' | 'unknown'

export interface ImageManifestSummarySize {
  Total: number
  Content: number
  [field: string]: unknown
}

export interface ImagePruneResponse {
  ImagesDeleted?: Array<ImageDeleteResponseItem> | null
  SpaceReclaimed?: number
  [field: string]: unknown
}

export interface ImageSearchResponseItem {
  description?: string
  is_official?: boolean
  is_automated?: boolean
  name?: string
  star_count?: number
  [field: string]: unknown
}

export interface ImageSummary {
  Id: string
  ParentId: string
  RepoTags: Array<string> | null
  RepoDigests: Array<string> | null
  Created: number
  Size: number
  SharedSize: number
  Labels: Record<string, string> | null
  Containers: number
  Manifests?: Array<ImageManifestSummary> | null
  Descriptor?: OCIDescriptor
  [field: string]: unknown
}

export interface ImagesDiskUsage {
  ActiveCount?: number
  TotalCount?: number
  Reclaimable?: number
  TotalSize?: number
  Items?: Array<unknown> | null
  [field: string]: unknown
}

export interface IndexInfo {
  Name?: string
  Mirrors?: Array<string> | null
  Secure?: boolean
  Official?: boolean
  [field: string]: unknown
}

export interface JoinTokens {
  Worker?: string
  Manager?: string
  [field: string]: unknown
}

export type KnownSignerIdentity = 'DHI'

export interface Limit {
  NanoCPUs?: number
  MemoryBytes?: number
  Pids?: number
  [field: string]: unknown
}

export type LocalNodeState = 'inactive' | 'pending' | 'active' | 'error' | 'locked'

export interface ManagerStatus {
  Leader?: boolean
  Reachability?: Reachability
  Addr?: string
  [field: string]: unknown
}

export interface Mount {
  Target?: string
  Source?: string
  Type?: MountType
  ReadOnly?: boolean
  Consistency?: string
  BindOptions?: MountBindOptions
  VolumeOptions?: MountVolumeOptions
  ImageOptions?: MountImageOptions
  TmpfsOptions?: MountTmpfsOptions
  [field: string]: unknown
}

export interface MountBindOptions {
  Propagation?: MountBindOptionsPropagation
  NonRecursive?: boolean
  CreateMountpoint?: boolean
  ReadOnlyNonRecursive?: boolean
  ReadOnlyForceRecursive?: boolean
  [field: string]: unknown
}

export type MountBindOptionsPropagation =
  'private' | 'rprivate' | 'shared' | 'rshared' | 'slave' | 'rslave'

export interface MountImageOptions {
  Subpath?: string
  [field: string]: unknown
}

export interface MountPoint {
  Type?: MountPointType
  Name?: string
  Source?: string
  Destination?: string
  Driver?: string
  Mode?: string
  RW?: boolean
  Propagation?: string
  [field: string]: unknown
}

export type MountPointType = string

export interface MountTmpfsOptions {
  SizeBytes?: number
  Mode?: number
  Options?: Array<Array<string>> | null
  [field: string]: unknown
}

export type MountType = 'bind' | 'cluster' | 'image' | 'npipe' | 'tmpfs' | 'volume'

export interface MountVolumeOptions {
  NoCopy?: boolean
  Labels?: Record<string, string> | null
  DriverConfig?: MountVolumeOptionsDriverConfig
  Subpath?: string
  [field: string]: unknown
}

export interface MountVolumeOptionsDriverConfig {
  Name?: string
  Options?: Record<string, string> | null
  [field: string]: unknown
}

export interface Network {
  Name?: string
  Id?: string
  Created?: string
  Scope?: string
  Driver?: string
  EnableIPv4?: boolean
  EnableIPv6?: boolean
  IPAM?: IPAM
  Internal?: boolean
  Attachable?: boolean
  Ingress?: boolean
  ConfigFrom?: ConfigReference
  ConfigOnly?: boolean
  Options?: Record<string, string> | null
  Labels?: Record<string, string> | null
  Peers?: Array<PeerInfo> | null
  [field: string]: unknown
}

export interface NetworkAttachmentConfig {
  Target?: string
  Aliases?: Array<string> | null
  DriverOpts?: Record<string, string> | null
  [field: string]: unknown
}

export interface NetworkConnectRequest {
  Container: string
  EndpointConfig?: EndpointSettings
  [field: string]: unknown
}

export interface NetworkCreateRequest {
  Name: string
  Driver?: string
  Scope?: string
  Internal?: boolean
  Attachable?: boolean
  Ingress?: boolean
  ConfigOnly?: boolean
  ConfigFrom?: ConfigReference
  IPAM?: IPAM
  EnableIPv4?: boolean
  EnableIPv6?: boolean
  Options?: Record<string, string> | null
  Labels?: Record<string, string> | null
  [field: string]: unknown
}

export interface NetworkCreateResponse {
  Id: string
  Warning: string
  [field: string]: unknown
}

export interface NetworkDisconnectRequest {
  Container: string
  Force?: boolean
  [field: string]: unknown
}

export interface NetworkInspect {
  Name?: string
  Id?: string
  Created?: string
  Scope?: string
  Driver?: string
  EnableIPv4?: boolean
  EnableIPv6?: boolean
  IPAM?: IPAM
  Internal?: boolean
  Attachable?: boolean
  Ingress?: boolean
  ConfigFrom?: ConfigReference
  ConfigOnly?: boolean
  Options?: Record<string, string> | null
  Labels?: Record<string, string> | null
  Peers?: Array<PeerInfo> | null
  Containers?: Record<string, EndpointResource> | null
  Services?: Record<string, unknown> | null
  Status?: NetworkStatus
  [field: string]: unknown
}

export interface NetworkPruneResponse {
  NetworksDeleted?: Array<string> | null
  [field: string]: unknown
}

export interface NetworkSettings {
  SandboxID?: string
  SandboxKey?: string
  Ports?: PortMap
  Networks?: Record<string, EndpointSettings> | null
  [field: string]: unknown
}

export interface NetworkStatus {
  IPAM?: IPAMStatus
  [field: string]: unknown
}

export interface NetworkSummary {
  Name?: string
  Id?: string
  Created?: string
  Scope?: string
  Driver?: string
  EnableIPv4?: boolean
  EnableIPv6?: boolean
  IPAM?: IPAM
  Internal?: boolean
  Attachable?: boolean
  Ingress?: boolean
  ConfigFrom?: ConfigReference
  ConfigOnly?: boolean
  Options?: Record<string, string> | null
  Labels?: Record<string, string> | null
  Peers?: Array<PeerInfo> | null
  [field: string]: unknown
}

export interface NetworkTaskInfo {
  Name?: string
  EndpointID?: string
  EndpointIP?: string
  Info?: Record<string, string> | null
  [field: string]: unknown
}

export interface NetworkingConfig {
  EndpointsConfig?: Record<string, EndpointSettings> | null
  [field: string]: unknown
}

export interface Node {
  ID?: string
  Version?: ObjectVersion
  CreatedAt?: string
  UpdatedAt?: string
  Spec?: NodeSpec
  Description?: NodeDescription
  Status?: NodeStatus
  ManagerStatus?: ManagerStatus
  [field: string]: unknown
}

export interface NodeDescription {
  Hostname?: string
  Platform?: Platform
  Resources?: ResourceObject
  Engine?: EngineDescription
  TLSInfo?: TLSInfo
  [field: string]: unknown
}

export interface NodeSpec {
  Name?: string
  Labels?: Record<string, string> | null
  Role?: NodeSpecRole
  Availability?: NodeSpecAvailability
  [field: string]: unknown
}

export type NodeSpecAvailability = 'active' | 'pause' | 'drain'

export type NodeSpecRole = 'worker' | 'manager'

export type NodeState = 'unknown' | 'down' | 'ready' | 'disconnected'

export interface NodeStatus {
  State?: NodeState
  Message?: string
  Addr?: string
  [field: string]: unknown
}

export interface NriInfo {
  Info?: Array<Array<string>> | null
  [field: string]: unknown
}

export interface OCIDescriptor {
  mediaType?: string
  digest?: string
  size?: number
  urls?: Array<string> | null
  annotations?: Record<string, string> | null
  data?: string
  platform?: OCIPlatform
  artifactType?: string
  [field: string]: unknown
}

export interface OCIPlatform {
  architecture?: string
  os?: string
  'os.version'?: string
  'os.features'?: Array<string> | null
  variant?: string
  [field: string]: unknown
}

export interface ObjectVersion {
  Index?: number
  [field: string]: unknown
}

export interface PeerInfo {
  Name?: string
  IP?: string
  [field: string]: unknown
}

export interface PeerNode {
  NodeID?: string
  Addr?: string
  [field: string]: unknown
}

export interface Platform {
  Architecture?: string
  OS?: string
  [field: string]: unknown
}

export interface Plugin {
  Id?: string
  Name: string
  Enabled: boolean
  Settings: PluginSettings
  PluginReference?: string
  Config: PluginConfig
  [field: string]: unknown
}

export interface PluginConfig {
  Description: string
  Documentation: string
  Interface: PluginConfigInterface
  Entrypoint: Array<string> | null
  WorkDir: string
  User?: PluginConfigUser
  Network: PluginConfigNetwork
  Linux: PluginConfigLinux
  PropagatedMount: string
  IpcHost: boolean
  PidHost: boolean
  Mounts: Array<PluginMount> | null
  Env: Array<PluginEnv> | null
  Args: PluginConfigArgs
  rootfs?: PluginConfigRootfs
  [field: string]: unknown
}

export interface PluginConfigArgs {
  Name: string
  Description: string
  Settable: Array<string> | null
  Value: Array<string> | null
  [field: string]: unknown
}

export interface PluginConfigInterface {
  Types: Array<string> | null
  Socket: string
  ProtocolScheme?: PluginConfigInterfaceProtocolScheme
  [field: string]: unknown
}

export type PluginConfigInterfaceProtocolScheme = 'moby.plugins.http/v1'

export interface PluginConfigLinux {
  Capabilities: Array<string> | null
  AllowAllDevices: boolean
  Devices: Array<PluginDevice> | null
  [field: string]: unknown
}

export interface PluginConfigNetwork {
  Type: string
  [field: string]: unknown
}

export interface PluginConfigRootfs {
  type?: string
  diff_ids?: Array<string> | null
  [field: string]: unknown
}

export interface PluginConfigUser {
  UID?: number
  GID?: number
  [field: string]: unknown
}

export interface PluginDevice {
  Name: string
  Description: string
  Settable: Array<string> | null
  Path: string
  [field: string]: unknown
}

export interface PluginEnv {
  Name: string
  Description: string
  Settable: Array<string> | null
  Value: string
  [field: string]: unknown
}

export interface PluginMount {
  Name: string
  Description: string
  Settable: Array<string> | null
  Source: string
  Destination: string
  Type: string
  Options: Array<string> | null
  [field: string]: unknown
}

export interface PluginPrivilege {
  Name?: string
  Description?: string
  Value?: Array<string> | null
  [field: string]: unknown
}

export interface PluginSettings {
  Mounts: Array<PluginMount> | null
  Env: Array<string> | null
  Args: Array<string> | null
  Devices: Array<PluginDevice> | null
  [field: string]: unknown
}

export interface PluginsInfo {
  Volume?: Array<string> | null
  Network?: Array<string> | null
  Authorization?: Array<string> | null
  Log?: Array<string> | null
  [field: string]: unknown
}

export interface PortBinding {
  HostIp?: string
  HostPort?: string
  [field: string]: unknown
}

export type PortMap = Record<string, Array<PortBinding> | null>

export interface PortStatus {
  Ports?: Array<EndpointPortConfig> | null
  [field: string]: unknown
}

export interface PortSummary {
  IP?: string
  PrivatePort: number
  PublicPort?: number
  Type?: PortSummaryType
  [field: string]: unknown
}

export type PortSummaryType = 'tcp' | 'udp' | 'sctp'

export interface ProcessConfig {
  privileged?: boolean
  user?: string
  tty?: boolean
  entrypoint?: string
  arguments?: Array<string> | null
  [field: string]: unknown
}

export interface ProgressDetail {
  current?: number
  total?: number
  [field: string]: unknown
}

export interface PullIdentity {
  Repository?: string
  [field: string]: unknown
}

export interface PushImageInfo {
  errorDetail?: ErrorDetail
  status?: string
  progressDetail?: ProgressDetail
  [field: string]: unknown
}

export type Reachability = 'unknown' | 'unreachable' | 'reachable'

export interface RegistryServiceConfig {
  InsecureRegistryCIDRs?: Array<string> | null
  IndexConfigs?: Record<string, IndexInfo> | null
  Mirrors?: Array<string> | null
  [field: string]: unknown
}

export interface ResourceObject {
  NanoCPUs?: number
  MemoryBytes?: number
  GenericResources?: GenericResources
  [field: string]: unknown
}

export interface Resources {
  CpuShares?: number
  Memory?: number
  CgroupParent?: string
  BlkioWeight?: number
  BlkioWeightDevice?: Array<ResourcesBlkioWeightDevice> | null
  BlkioDeviceReadBps?: Array<ThrottleDevice> | null
  BlkioDeviceWriteBps?: Array<ThrottleDevice> | null
  BlkioDeviceReadIOps?: Array<ThrottleDevice> | null
  BlkioDeviceWriteIOps?: Array<ThrottleDevice> | null
  CpuPeriod?: number
  CpuQuota?: number
  CpuRealtimePeriod?: number
  CpuRealtimeRuntime?: number
  CpusetCpus?: string
  CpusetMems?: string
  Devices?: Array<DeviceMapping> | null
  DeviceCgroupRules?: Array<string> | null
  DeviceRequests?: Array<DeviceRequest> | null
  MemoryReservation?: number
  MemorySwap?: number
  MemorySwappiness?: number
  NanoCpus?: number
  OomKillDisable?: boolean
  Init?: boolean
  PidsLimit?: number
  Ulimits?: Array<ResourcesUlimits> | null
  CpuCount?: number
  CpuPercent?: number
  IOMaximumIOps?: number
  IOMaximumBandwidth?: number
  [field: string]: unknown
}

export interface ResourcesBlkioWeightDevice {
  Path?: string
  Weight?: number
  [field: string]: unknown
}

export interface ResourcesUlimits {
  Name?: string
  Soft?: number
  Hard?: number
  [field: string]: unknown
}

export interface RestartPolicy {
  Name?: RestartPolicyName
  MaximumRetryCount?: number
  [field: string]: unknown
}

export type RestartPolicyName = 'no' | 'always' | 'unless-stopped' | 'on-failure'

export interface RootFsStorage {
  Snapshot?: RootFsStorageSnapshot
  [field: string]: unknown
}

export interface RootFsStorageSnapshot {
  Name?: string
  [field: string]: unknown
}

export interface Runtime {
  path?: string
  runtimeArgs?: Array<string> | null
  status?: Record<string, string> | null
  [field: string]: unknown
}

export interface Secret {
  ID?: string
  Version?: ObjectVersion
  CreatedAt?: string
  UpdatedAt?: string
  Spec?: SecretSpec
  [field: string]: unknown
}

export interface SecretSpec {
  Name?: string
  Labels?: Record<string, string> | null
  Data?: string
  Driver?: Driver
  Templating?: Driver
  [field: string]: unknown
}

export interface Service {
  ID?: string
  Version?: ObjectVersion
  CreatedAt?: string
  UpdatedAt?: string
  Spec?: ServiceSpec
  Endpoint?: ServiceEndpoint
  UpdateStatus?: ServiceUpdateStatus
  ServiceStatus?: ServiceServiceStatus
  JobStatus?: ServiceJobStatus
  [field: string]: unknown
}

export interface ServiceCreateResponse {
  ID?: string
  Warnings?: Array<string> | null
  [field: string]: unknown
}

export interface ServiceEndpoint {
  Spec?: EndpointSpec
  Ports?: Array<EndpointPortConfig> | null
  VirtualIPs?: Array<ServiceEndpointVirtualIps> | null
  [field: string]: unknown
}

export interface ServiceEndpointVirtualIps {
  NetworkID?: string
  Addr?: string
  [field: string]: unknown
}

export interface ServiceInfo {
  VIP?: string
  Ports?: Array<string> | null
  LocalLBIndex?: number
  Tasks?: Array<NetworkTaskInfo> | null
  [field: string]: unknown
}

export interface ServiceJobStatus {
  JobIteration?: ObjectVersion
  LastExecution?: string
  [field: string]: unknown
}

export interface ServiceServiceStatus {
  RunningTasks?: number
  DesiredTasks?: number
  CompletedTasks?: number
  [field: string]: unknown
}

export interface ServiceSpec {
  Name?: string
  Labels?: Record<string, string> | null
  TaskTemplate?: TaskSpec
  Mode?: ServiceSpecMode
  UpdateConfig?: ServiceSpecUpdateConfig
  RollbackConfig?: ServiceSpecRollbackConfig
  Networks?: Array<NetworkAttachmentConfig> | null
  EndpointSpec?: EndpointSpec
  [field: string]: unknown
}

export interface ServiceSpecMode {
  Replicated?: ServiceSpecModeReplicated
  Global?: Record<string, object> | null
  ReplicatedJob?: ServiceSpecModeReplicatedJob
  GlobalJob?: Record<string, object> | null
  [field: string]: unknown
}

export interface ServiceSpecModeReplicated {
  Replicas?: number
  [field: string]: unknown
}

export interface ServiceSpecModeReplicatedJob {
  MaxConcurrent?: number
  TotalCompletions?: number
  [field: string]: unknown
}

export interface ServiceSpecRollbackConfig {
  Parallelism?: number
  Delay?: number
  FailureAction?: ServiceSpecRollbackConfigFailureAction
  Monitor?: number
  MaxFailureRatio?: number
  Order?: ServiceSpecRollbackConfigOrder
  [field: string]: unknown
}

export type ServiceSpecRollbackConfigFailureAction = 'continue' | 'pause'

export type ServiceSpecRollbackConfigOrder = 'stop-first' | 'start-first'

export interface ServiceSpecUpdateConfig {
  Parallelism?: number
  Delay?: number
  FailureAction?: ServiceSpecUpdateConfigFailureAction
  Monitor?: number
  MaxFailureRatio?: number
  Order?: ServiceSpecUpdateConfigOrder
  [field: string]: unknown
}

export type ServiceSpecUpdateConfigFailureAction = 'continue' | 'pause' | 'rollback'

export type ServiceSpecUpdateConfigOrder = 'stop-first' | 'start-first'

export interface ServiceUpdateResponse {
  Warnings?: Array<string> | null
  [field: string]: unknown
}

export interface ServiceUpdateStatus {
  State?: ServiceUpdateStatusState
  StartedAt?: string
  CompletedAt?: string
  Message?: string
  [field: string]: unknown
}

export type ServiceUpdateStatusState =
  | 'updating'
  | 'paused'
  | 'completed'
  | 'rollback_started'
  | 'rollback_paused'
  | 'rollback_completed'

export interface SignatureIdentity {
  Name?: string
  Timestamps?: Array<SignatureTimestamp> | null
  KnownSigner?: KnownSignerIdentity
  DockerReference?: string
  Signer?: SignerIdentity
  SignatureType?: SignatureType
  Error?: string
  Warnings?: Array<string> | null
  [field: string]: unknown
}

export interface SignatureTimestamp {
  Type?: SignatureTimestampType
  URI?: string
  Timestamp?: string
  [field: string]: unknown
}

export type SignatureTimestampType = 'Tlog' | 'TimestampAuthority'

export type SignatureType = 'bundle-v0.3' | 'simplesigning-v1'

export interface SignerIdentity {
  CertificateIssuer?: string
  SubjectAlternativeName?: string
  Issuer?: string
  BuildSignerURI?: string
  BuildSignerDigest?: string
  RunnerEnvironment?: string
  SourceRepositoryURI?: string
  SourceRepositoryDigest?: string
  SourceRepositoryRef?: string
  SourceRepositoryIdentifier?: string
  SourceRepositoryOwnerURI?: string
  SourceRepositoryOwnerIdentifier?: string
  BuildConfigURI?: string
  BuildConfigDigest?: string
  BuildTrigger?: string
  RunInvocationURI?: string
  SourceRepositoryVisibilityAtSigning?: string
  [field: string]: unknown
}

export interface Storage {
  RootFS?: RootFsStorage
  [field: string]: unknown
}

export interface SubnetStatus {
  IPsInUse?: number
  DynamicIPsAvailable?: number
  [field: string]: unknown
}

export interface Swarm {
  ID?: string
  Version?: ObjectVersion
  CreatedAt?: string
  UpdatedAt?: string
  Spec?: SwarmSpec
  TLSInfo?: TLSInfo
  RootRotationInProgress?: boolean
  DataPathPort?: number
  DefaultAddrPool?: Array<string> | null
  SubnetSize?: number
  JoinTokens?: JoinTokens
  [field: string]: unknown
}

export interface SwarmInfo {
  NodeID?: string
  NodeAddr?: string
  LocalNodeState?: LocalNodeState
  ControlAvailable?: boolean
  Error?: string
  RemoteManagers?: Array<PeerNode> | null
  Nodes?: number
  Managers?: number
  Cluster?: ClusterInfo
  [field: string]: unknown
}

export interface SwarmInitRequest {
  ListenAddr?: string
  AdvertiseAddr?: string
  DataPathAddr?: string
  DataPathPort?: number
  DefaultAddrPool?: Array<string> | null
  ForceNewCluster?: boolean
  SubnetSize?: number
  Spec?: SwarmSpec
  [field: string]: unknown
}

export interface SwarmJoinRequest {
  ListenAddr?: string
  AdvertiseAddr?: string
  DataPathAddr?: string
  RemoteAddrs?: Array<string> | null
  JoinToken?: string
  [field: string]: unknown
}

export interface SwarmSpec {
  Name?: string
  Labels?: Record<string, string> | null
  Orchestration?: SwarmSpecOrchestration
  Raft?: SwarmSpecRaft
  Dispatcher?: SwarmSpecDispatcher
  CAConfig?: SwarmSpecCaConfig
  EncryptionConfig?: SwarmSpecEncryptionConfig
  TaskDefaults?: SwarmSpecTaskDefaults
  [field: string]: unknown
}

export interface SwarmSpecCaConfig {
  NodeCertExpiry?: number
  ExternalCAs?: Array<SwarmSpecCaConfigExternalCas> | null
  SigningCACert?: string
  SigningCAKey?: string
  ForceRotate?: number
  [field: string]: unknown
}

export interface SwarmSpecCaConfigExternalCas {
  Protocol?: SwarmSpecCaConfigExternalCasProtocol
  URL?: string
  Options?: Record<string, string> | null
  CACert?: string
  [field: string]: unknown
}

export type SwarmSpecCaConfigExternalCasProtocol = 'cfssl'

export interface SwarmSpecDispatcher {
  HeartbeatPeriod?: number
  [field: string]: unknown
}

export interface SwarmSpecEncryptionConfig {
  AutoLockManagers?: boolean
  [field: string]: unknown
}

export interface SwarmSpecOrchestration {
  TaskHistoryRetentionLimit?: number
  [field: string]: unknown
}

export interface SwarmSpecRaft {
  SnapshotInterval?: number
  KeepOldSnapshots?: number
  LogEntriesForSlowFollowers?: number
  ElectionTick?: number
  HeartbeatTick?: number
  [field: string]: unknown
}

export interface SwarmSpecTaskDefaults {
  LogDriver?: SwarmSpecTaskDefaultsLogDriver
  [field: string]: unknown
}

export interface SwarmSpecTaskDefaultsLogDriver {
  Name?: string
  Options?: Record<string, string> | null
  [field: string]: unknown
}

export interface SwarmUnlockRequest {
  UnlockKey?: string
  [field: string]: unknown
}

export interface SystemDataUsageResponse {
  ImageUsage?: ImagesDiskUsage
  ContainerUsage?: ContainersDiskUsage
  VolumeUsage?: VolumesDiskUsage
  BuildCacheUsage?: BuildCacheDiskUsage
  [field: string]: unknown
}

export interface SystemInfo {
  ID?: string
  Containers?: number
  ContainersRunning?: number
  ContainersPaused?: number
  ContainersStopped?: number
  Images?: number
  Driver?: string
  DriverStatus?: Array<Array<string>> | null
  DockerRootDir?: string
  Plugins?: PluginsInfo
  MemoryLimit?: boolean
  SwapLimit?: boolean
  CpuCfsPeriod?: boolean
  CpuCfsQuota?: boolean
  CPUShares?: boolean
  CPUSet?: boolean
  PidsLimit?: boolean
  OomKillDisable?: boolean
  IPv4Forwarding?: boolean
  Debug?: boolean
  NFd?: number
  NGoroutines?: number
  SystemTime?: string
  LoggingDriver?: string
  CgroupDriver?: SystemInfoCgroupDriver
  CgroupVersion?: SystemInfoCgroupVersion
  NEventsListener?: number
  KernelVersion?: string
  OperatingSystem?: string
  OSVersion?: string
  OSType?: string
  Architecture?: string
  NCPU?: number
  MemTotal?: number
  IndexServerAddress?: string
  RegistryConfig?: RegistryServiceConfig
  GenericResources?: GenericResources
  HttpProxy?: string
  HttpsProxy?: string
  NoProxy?: string
  Name?: string
  Labels?: Array<string> | null
  ExperimentalBuild?: boolean
  ServerVersion?: string
  Runtimes?: Record<string, Runtime> | null
  DefaultRuntime?: string
  Swarm?: SwarmInfo
  LiveRestoreEnabled?: boolean
  Isolation?: SystemInfoIsolation
  InitBinary?: string
  ContainerdCommit?: Commit
  RuncCommit?: Commit
  InitCommit?: Commit
  SecurityOptions?: Array<string> | null
  ProductLicense?: string
  DefaultAddressPools?: Array<SystemInfoDefaultAddressPools> | null
  FirewallBackend?: FirewallInfo
  DiscoveredDevices?: Array<DeviceInfo> | null
  NRI?: NriInfo
  Warnings?: Array<string> | null
  CDISpecDirs?: Array<string> | null
  Containerd?: ContainerdInfo
  [field: string]: unknown
}

export type SystemInfoCgroupDriver = 'cgroupfs' | 'systemd' | 'none'

export type SystemInfoCgroupVersion = '1' | '2'

export interface SystemInfoDefaultAddressPools {
  Base?: string
  Size?: number
  [field: string]: unknown
}

export type SystemInfoIsolation = 'default' | 'hyperv' | 'process'

export interface SystemVersion {
  Platform?: SystemVersionPlatform
  Components?: Array<SystemVersionComponents> | null
  Version?: string
  ApiVersion?: string
  MinAPIVersion?: string
  GitCommit?: string
  GoVersion?: string
  Os?: string
  Arch?: string
  KernelVersion?: string
  Experimental?: boolean
  BuildTime?: string
  [field: string]: unknown
}

export interface SystemVersionComponents {
  Name: string
  Version: string
  Details?: Record<string, string> | null
  [field: string]: unknown
}

export interface SystemVersionPlatform {
  Name: string
  [field: string]: unknown
}

export interface TLSInfo {
  TrustRoot?: string
  CertIssuerSubject?: string
  CertIssuerPublicKey?: string
  [field: string]: unknown
}

export interface Task {
  ID?: string
  Version?: ObjectVersion
  CreatedAt?: string
  UpdatedAt?: string
  Name?: string
  Labels?: Record<string, string> | null
  Spec?: TaskSpec
  ServiceID?: string
  Slot?: number
  NodeID?: string
  AssignedGenericResources?: GenericResources
  Status?: TaskStatus
  DesiredState?: TaskState
  JobIteration?: ObjectVersion
  [field: string]: unknown
}

export interface TaskSpec {
  PluginSpec?: TaskSpecPluginSpec
  ContainerSpec?: TaskSpecContainerSpec
  NetworkAttachmentSpec?: TaskSpecNetworkAttachmentSpec
  Resources?: TaskSpecResources
  RestartPolicy?: TaskSpecRestartPolicy
  Placement?: TaskSpecPlacement
  ForceUpdate?: number
  Runtime?: string
  Networks?: Array<NetworkAttachmentConfig> | null
  LogDriver?: TaskSpecLogDriver
  [field: string]: unknown
}

export interface TaskSpecContainerSpec {
  Image?: string
  Labels?: Record<string, string> | null
  Command?: Array<string> | null
  Args?: Array<string> | null
  Hostname?: string
  Env?: Array<string> | null
  Dir?: string
  User?: string
  Groups?: Array<string> | null
  Privileges?: TaskSpecContainerSpecPrivileges
  TTY?: boolean
  OpenStdin?: boolean
  ReadOnly?: boolean
  Mounts?: Array<Mount> | null
  StopSignal?: string
  StopGracePeriod?: number
  HealthCheck?: HealthConfig
  Hosts?: Array<string> | null
  DNSConfig?: TaskSpecContainerSpecDnsConfig
  Secrets?: Array<TaskSpecContainerSpecSecrets> | null
  OomScoreAdj?: number
  Configs?: Array<TaskSpecContainerSpecConfigs> | null
  Isolation?: TaskSpecContainerSpecIsolation
  Init?: boolean
  Sysctls?: Record<string, string> | null
  CapabilityAdd?: Array<string> | null
  CapabilityDrop?: Array<string> | null
  Ulimits?: Array<ResourcesUlimits> | null
  [field: string]: unknown
}

export interface TaskSpecContainerSpecConfigs {
  File?: TaskSpecContainerSpecFile1
  Runtime?: Record<string, object> | null
  ConfigID?: string
  ConfigName?: string
  [field: string]: unknown
}

export interface TaskSpecContainerSpecDnsConfig {
  Nameservers?: Array<string> | null
  Search?: Array<string> | null
  Options?: Array<string> | null
  [field: string]: unknown
}

export interface TaskSpecContainerSpecFile {
  Name?: string
  UID?: string
  GID?: string
  Mode?: number
  [field: string]: unknown
}

export interface TaskSpecContainerSpecFile1 {
  Name?: string
  UID?: string
  GID?: string
  Mode?: number
  [field: string]: unknown
}

export type TaskSpecContainerSpecIsolation = 'default' | 'process' | 'hyperv'

export interface TaskSpecContainerSpecPrivileges {
  CredentialSpec?: TaskSpecContainerSpecPrivilegesCredentialSpec
  SELinuxContext?: TaskSpecContainerSpecPrivilegesSeLinuxContext
  Seccomp?: TaskSpecContainerSpecPrivilegesSeccomp
  AppArmor?: TaskSpecContainerSpecPrivilegesAppArmor
  NoNewPrivileges?: boolean
  [field: string]: unknown
}

export interface TaskSpecContainerSpecPrivilegesAppArmor {
  Mode?: TaskSpecContainerSpecPrivilegesAppArmorMode
  [field: string]: unknown
}

export type TaskSpecContainerSpecPrivilegesAppArmorMode = 'default' | 'disabled'

export interface TaskSpecContainerSpecPrivilegesCredentialSpec {
  Config?: string
  File?: string
  Registry?: string
  [field: string]: unknown
}

export interface TaskSpecContainerSpecPrivilegesSeLinuxContext {
  Disable?: boolean
  User?: string
  Role?: string
  Type?: string
  Level?: string
  [field: string]: unknown
}

export interface TaskSpecContainerSpecPrivilegesSeccomp {
  Mode?: TaskSpecContainerSpecPrivilegesSeccompMode
  Profile?: string
  [field: string]: unknown
}

export type TaskSpecContainerSpecPrivilegesSeccompMode = 'default' | 'unconfined' | 'custom'

export interface TaskSpecContainerSpecSecrets {
  File?: TaskSpecContainerSpecFile
  SecretID?: string
  SecretName?: string
  [field: string]: unknown
}

export interface TaskSpecLogDriver {
  Name?: string
  Options?: Record<string, string> | null
  [field: string]: unknown
}

export interface TaskSpecNetworkAttachmentSpec {
  ContainerID?: string
  [field: string]: unknown
}

export interface TaskSpecPlacement {
  Constraints?: Array<string> | null
  Preferences?: Array<TaskSpecPlacementPreferences> | null
  MaxReplicas?: number
  Platforms?: Array<Platform> | null
  [field: string]: unknown
}

export interface TaskSpecPlacementPreferences {
  Spread?: TaskSpecPlacementSpread
  [field: string]: unknown
}

export interface TaskSpecPlacementSpread {
  SpreadDescriptor?: string
  [field: string]: unknown
}

export interface TaskSpecPluginSpec {
  Name?: string
  Remote?: string
  Disabled?: boolean
  PluginPrivilege?: Array<PluginPrivilege> | null
  [field: string]: unknown
}

export interface TaskSpecResources {
  Limits?: Limit
  Reservations?: ResourceObject
  SwapBytes?: number
  MemorySwappiness?: number
  [field: string]: unknown
}

export interface TaskSpecRestartPolicy {
  Condition?: TaskSpecRestartPolicyCondition
  Delay?: number
  MaxAttempts?: number
  Window?: number
  [field: string]: unknown
}

export type TaskSpecRestartPolicyCondition = 'none' | 'on-failure' | 'any'

export type TaskState =
  | 'new'
  | 'allocated'
  | 'pending'
  | 'assigned'
  | 'accepted'
  | 'preparing'
  | 'ready'
  | 'starting'
  | 'running'
  | 'complete'
  | 'shutdown'
  | 'failed'
  | 'rejected'
  | 'remove'
  | 'orphaned'

export interface TaskStatus {
  Timestamp?: string
  State?: TaskState
  Message?: string
  Err?: string
  ContainerStatus?: ContainerStatus
  PortStatus?: PortStatus
  [field: string]: unknown
}

export interface ThrottleDevice {
  Path?: string
  Rate?: number
  [field: string]: unknown
}

export interface Topology {
  Segments?: Record<string, string> | null
  [field: string]: unknown
}

export interface UnlockKeyResponse {
  UnlockKey?: string
  [field: string]: unknown
}

export interface Volume {
  Name: string
  Driver: string
  Mountpoint: string
  CreatedAt?: string
  Status?: Record<string, unknown> | null
  Labels: Record<string, string> | null
  Scope?: VolumeScope
  ClusterVolume?: ClusterVolume
  Options: Record<string, string> | null
  UsageData?: VolumeUsageData
  [field: string]: unknown
}

export interface VolumeCreateRequest {
  Name?: string
  Driver?: string
  DriverOpts?: Record<string, string> | null
  Labels?: Record<string, string> | null
  ClusterVolumeSpec?: ClusterVolumeSpec
  [field: string]: unknown
}

export interface VolumeListResponse {
  Volumes?: Array<Volume> | null
  Warnings?: Array<string> | null
  [field: string]: unknown
}

export interface VolumePruneResponse {
  VolumesDeleted?: Array<string> | null
  SpaceReclaimed?: number
  [field: string]: unknown
}

export type VolumeScope = 'local' | 'global'

export interface VolumeUsageData {
  Size: number
  RefCount: number
  [field: string]: unknown
}

export interface VolumesDiskUsage {
  ActiveCount?: number
  TotalCount?: number
  Reclaimable?: number
  TotalSize?: number
  Items?: Array<unknown> | null
  [field: string]: unknown
}
