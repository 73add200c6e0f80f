using MultiModal.LocalHost.Commands;

return await CommandLine.RunAsync(args);
