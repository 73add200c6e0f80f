# The Functions host with the programs of the offline engines, for Azure Container Apps or any container host. Build it in the repository's top folder.
FROM node:22-slim AS packages
WORKDIR /packages
COPY package.json package-lock.json ./
COPY eng/no-onnxruntime eng/no-onnxruntime
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
# The weights of the model that tells speech from noise, which the build copies.
COPY --from=packages /packages/node_modules/@jjhbw node_modules/@jjhbw
# ffmpeg comes from the distribution below.
RUN dotnet publish src/MultiModal.Functions --configuration Release --runtime linux-x64 --no-self-contained --output /app -p:PublishFfmpeg=false

FROM mcr.microsoft.com/azure-functions/dotnet-isolated:4-dotnet-isolated10.0
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ffmpeg pocketsphinx pocketsphinx-en-us poppler-utils tesseract-ocr tesseract-ocr-eng \
    && rm -rf /var/lib/apt/lists/*
ENV AzureWebJobsScriptRoot=/home/site/wwwroot \
    AzureFunctionsJobHost__Logging__Console__IsEnabled=true
COPY --from=build /app /home/site/wwwroot
