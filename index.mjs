import dokeres from './index.js'

// By name and not `export *`: what a bundler or a lexer makes of a CommonJS module is its own affair.
export const {
  Dokeres,
  DokeresImage,
  DokeresContainer,
  ExecHandle,
  ImageCollection,
  ContainerCollection,
  DokeresStream,
  AttachStream,
  ExecStream,
  DokeresError,
  LineTransformStream,
  Engine,
  Image,
  Container,
  Docker,
  Errors,
  follow,
  waitUntilLogsSay,
  mockDockerode,
  mockDockerodeContainer,
  mockStream,
  socketPath,
  defaultSocketPath,
  __napiBindingTarget,
} = dokeres
