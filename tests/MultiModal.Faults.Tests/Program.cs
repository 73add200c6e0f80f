using MultiModal.Faults.Tests.Budgets;
using MultiModal.Faults.Tests.Poison;
using MultiModal.Faults.Tests.Soaking;
using MultiModal.Faults.Tests.Upgrade;

// dotnet MultiModal.Faults.Tests.dll soak <minutes> [<seed>]
// dotnet MultiModal.Faults.Tests.dll many <blobs> <batches>
// dotnet MultiModal.Faults.Tests.dll record <dump> <host> <simulator> <output>     (Upgrade/README.md)
// dotnet MultiModal.Faults.Tests.dll poison <connection string> <batch>     (started by PoisonTests)
// dotnet MultiModal.Faults.Tests.dll pay <connection string> <models' endpoint> <key> <batch> <USD a day>     (started by DayBudgetTests)
return args switch
{
    ["soak", var minutes] => await Soak.RunAsync(minutes, seed: null),
    ["soak", var minutes, var seed] => await Soak.RunAsync(minutes, seed),
    ["many", var blobs, var batches] => await Crowd.RunAsync(blobs, batches),
    ["record", var inbox, var host, var simulator, var output] => await AccountRecorder.RecordAsync(inbox, host, simulator, output),
    ["poison", var storage, var batch] => await PoisonedProcess.RunAsync(storage, batch),
    ["pay", var storage, var endpoint, var key, var batch, var budget] => await PayingProcess.RunAsync(storage, endpoint, key, batch, budget),
    _ => throw new ArgumentException("soak <minutes> [<seed>], many <blobs> <batches>, or record <dump> <host> <simulator> <output>"),
};
