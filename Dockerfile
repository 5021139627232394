# First version: runs as root in the container. Not finished: another user, health check, image for releases (CHANGELOG.md).
# Run it with: --network host --pid host --cap-drop ALL --cap-add NET_ADMIN --cap-add PERFMON
# (the process event connector answers only in the host's own network, pid and user namespaces)
FROM node:24-bookworm AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY binding.gyp tsconfig.json ./
COPY scripts ./scripts
COPY native ./native
COPY src ./src
RUN node scripts/build.mjs && npm prune --omit=dev --ignore-scripts

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/build/Release/procevents.node ./build/Release/procevents.node
COPY --from=build /app/dist ./dist
EXPOSE 11011
ENTRYPOINT ["node", "/app/dist/main.js"]
