using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;

namespace MultiModal.LocalHost.Hosting;

/// <summary>Exit codes of the process.</summary>
internal static class ExitCode
{
    public const int Success = 0;
    public const int PartiallySucceeded = 1;
    public const int SomethingMissing = 1;
    public const int Failed = 2;
    public const int ModelEnds = 2;
    public const int StorageUnreachable = 3;
    public const int OtherHostOwnsAccount = 4;
    public const int OwnerLeaseLost = 5;
    public const int InvalidSetting = 6;

    /// <summary>Exit code EX_USAGE of sysexits.h.</summary>
    public const int Usage = 64;

    /// <summary>Exit code after SIGINT: 128 and the number of the signal, as in shells.</summary>
    public const int Interrupted = 130;

    public static int For(RunStatus status) => status switch
    {
        RunStatus.Succeeded => Success,
        RunStatus.PartiallySucceeded => PartiallySucceeded,
        _ => Failed,
    };

    public static int For(Failure failure) => failure.Code switch
    {
        FailureCodes.StorageUnreachable or FailureCodes.StorageDenied => StorageUnreachable,
        FailureCodes.OtherHostOwnsAccount => OtherHostOwnsAccount,
        FailureCodes.OwnerLeaseLost => OwnerLeaseLost,
        FailureCodes.InvalidSetting => InvalidSetting,
        FailureCodes.InvalidBatchName or FailureCodes.NoSuchFolder or FailureCodes.BatchNotFound => Usage,
        _ => Failed,
    };
}
