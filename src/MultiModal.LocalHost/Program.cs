using MultiModal.LocalHost.Commands;

return await CommandLine.Run(args);
