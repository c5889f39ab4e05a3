FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# --ignore-scripts: better-sqlite3 brings its binaries along and needs no compiler, and this image has a Node of its own.
# Of those binaries only the ones for this image's libc are kept, and none of the sources.
RUN npm ci --omit=dev --ignore-scripts \
  && cd node_modules/better-sqlite3 \
  && rm -rf deps src prebuilds/darwin-* prebuilds/linuxmusl-* prebuilds/win32-* \
  && mv /app/node_modules /production
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY schemas schemas
COPY src src
COPY cli cli
COPY exec exec
COPY gauntlet gauntlet
COPY verify verify
COPY tools tools
COPY inspector inspector
COPY data/seed.json data/
RUN npm run build && install -d -o 1000 -g 1000 dist/.compiled
# Leaves compiled code behind, which Node reads again only for the same user.
USER 1000:1000
RUN node tools/prewarm.ts && chmod -R a+rX dist/.compiled

FROM node:24-bookworm-slim AS emulator
WORKDIR /app
# A volume that is new takes over the owner of the folder it covers.
RUN install -d -o 1000 -g 1000 /data
COPY --from=build /production node_modules
COPY --from=build /app/dist dist
COPY package.json ./
COPY assets assets
COPY data/examples.json data/seed.json data/
COPY src/main.js src/
COPY src/process/node-version.js src/process/
ENV NODE_ENV=production \
  KOODRIVE_EMULATOR_HOST=0.0.0.0 \
  KOODRIVE_EMULATOR_DB=/data/emulator.db
VOLUME /data
EXPOSE 4020
# By number, so that an orchestrator can see that it is not root.
USER 1000:1000
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 CMD ["node", "src/main.js", "health"]
ENTRYPOINT ["node", "src/main.js"]
