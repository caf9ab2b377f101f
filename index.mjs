import dokeres from './index.js'

// By name and not `export *`: what a bundler or a lexer makes of a CommonJS module is its own affair.
export const {
  Dokeres,
  DokeresImage,
  DokeresContainer,
  ExecHandle,
  ImageCollection,
  ContainerCollection,
  NetworkCollection,
  VolumeCollection,
  DokeresStream,
  AttachStream,
  ExecStream,
  DokeresError,
  LineTransformStream,
  Engine,
  Image,
  Container,
  __napiBindingTarget,
} = dokeres
