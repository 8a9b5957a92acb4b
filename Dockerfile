# Needs BuildKit, which every recent docker build uses: it skips the stages that the last one does not copy from.
# The stage named build holds the whole checkout, ready to run; e2e/kind/run.sh makes an image of it for its pods.
FROM node:24-trixie-slim AS build
WORKDIR /evenkeel
COPY . .
RUN npm ci && npm run build

FROM node:24-trixie-slim AS dependencies
WORKDIR /evenkeel
COPY package.json package-lock.json ./
COPY client/package.json ./client/
RUN npm ci --omit=dev --ignore-scripts --workspaces=false

# No shell, no package manager, and a user that is not root.
FROM gcr.io/distroless/nodejs24-debian13:nonroot
WORKDIR /evenkeel
COPY --from=dependencies /evenkeel/node_modules ./node_modules
COPY --from=build /evenkeel/dist ./dist
COPY package.json ./
COPY cli/evenkeel.mjs ./cli/
ENV NODE_ENV=production
USER 65532:65532
EXPOSE 18000 18001
ENTRYPOINT ["/nodejs/bin/node", "/evenkeel/cli/evenkeel.mjs"]
CMD ["--help"]
