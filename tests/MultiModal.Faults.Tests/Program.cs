using MultiModal.Faults.Tests.Poison;
using MultiModal.Faults.Tests.Soaking;

// dotnet MultiModal.Faults.Tests.dll soak <minutes> [<seed>]
// dotnet MultiModal.Faults.Tests.dll many <blobs> <batches>
// dotnet MultiModal.Faults.Tests.dll poison <connection string> <batch>     (started by PoisonTests)
return args switch
{
    ["soak", var minutes] => await Soak.Run(minutes, seed: null),
    ["soak", var minutes, var seed] => await Soak.Run(minutes, seed),
    ["many", var blobs, var batches] => await Crowd.Run(blobs, batches),
    ["poison", var storage, var batch] => await PoisonedProcess.Run(storage, batch),
    _ => throw new ArgumentException("soak <minutes> [<seed>], or many <blobs> <batches>"),
};
