bundle /dist/tidy scripts
