bundle /dist/greet scripts
