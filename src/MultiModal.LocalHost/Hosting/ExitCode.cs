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

    /// <summary>Exit code EX_UNAVAILABLE of sysexits.h: the host can't listen on its address.</summary>
    public const int AddressNotAvailable = 69;

    /// <summary>Exit code EX_SOFTWARE of sysexits.h: an error in the product or in its installation.</summary>
    public const int UnexpectedError = 70;

    /// <summary>Exit code EX_CANTCREAT of sysexits.h: the report can't be written where it should be.</summary>
    public const int OutputNotWritable = 73;

    /// <summary>Exit code EX_IOERR of sysexits.h: a file on this machine can't be read or written.</summary>
    public const int FileNotAccessible = 74;

    /// <summary>Exit code EX_TEMPFAIL of sysexits.h: another upload into the batch is under way, and the same command may succeed later.</summary>
    public const int UploadUnderWay = 75;

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
        FailureCodes.AddressNotAvailable => AddressNotAvailable,
        FailureCodes.OutputNotWritable => OutputNotWritable,
        FailureCodes.FileNotAccessible => FileNotAccessible,
        FailureCodes.UploadUnderWay => UploadUnderWay,
        FailureCodes.UnexpectedError => UnexpectedError,
        _ => Failed,
    };
}
