using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace MultiModal.Pipeline.Runs;

/// <summary>
/// The record of a run's step, stored in <c>state/{batch}/{runSeq}/…</c>. The report is made of these records, live progress is read from
/// them, and a resumed run does not repeat the steps that have one.
/// </summary>
public sealed record StepRecord : StepWork
{
    public StepRecord()
    {
    }

    internal StepRecord(StepWork work) : base(work)
    {
    }

    public required string Step { get; init; }

    public required int Part { get; init; }

    /// <summary>Tile of the image that the step processed; 0 for an image that is sent whole, and for all else.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Tile { get; init; }

    public required StepStatus Status { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Duration in milliseconds, including the wait for a shared flight and for an engine slot.</summary>
    public required long DurationMs { get; init; }

    /// <summary>How much of <see cref="DurationMs"/> the step waited in line for a core, in milliseconds. Records of version 1.0 have none.</summary>
    public long WaitedMs { get; init; }

    public StepResult ToResult() => new(Status, Failure?.Code, Parts, Tiles, Speakers == SpeakerWish.Granted);
}

/// <summary>One completed step of a run under way.</summary>
/// <param name="Index">Index of the item in the inventory.</param>
/// <param name="Part">Part of the item.</param>
/// <param name="Step">Name of the step.</param>
/// <param name="Status">Status of the step.</param>
/// <param name="Code">Code of the failure; null for success.</param>
/// <param name="Parts">Number of parts that the next step must process.</param>
/// <param name="Tiles">Number of tiles in which the image is sent.</param>
/// <param name="Tile">Tile of the image that the step processed.</param>
public sealed record StepProgress(int Index, int Part, string Step, StepStatus Status, string? Code, int Parts, int Tiles = 1, int Tile = 0)
{
    /// <summary>Folder of records that are stored one by one, within the folder of their run.</summary>
    internal const string Folder = "items/";

    /// <param name="name">Name of a blob within the folder of its run.</param>
    /// <param name="metadata">Metadata of the blob.</param>
    /// <returns>The progress that a record's name and metadata show; null if the blob is not a record of an item's step.</returns>
    internal static StepProgress? Parse(string name, IDictionary<string, string> metadata)
    {
        if (!name.StartsWith(Folder, StringComparison.Ordinal)) return null;
        var parts = name[Folder.Length..].Split('/');
        var file = parts[1].Split('.');
        return new StepProgress(
            int.Parse(parts[0], CultureInfo.InvariantCulture),
            int.Parse(file[1], CultureInfo.InvariantCulture),
            file[0],
            Enum.Parse<StepStatus>(metadata["status"], ignoreCase: true),
            metadata.TryGetValue("code", out var code) ? code : null,
            int.Parse(metadata["parts"], CultureInfo.InvariantCulture),
            metadata.TryGetValue("tiles", out var tiles) ? int.Parse(tiles, CultureInfo.InvariantCulture) : 1,
            file.Length > 3 ? int.Parse(file[2], CultureInfo.InvariantCulture) : 0);
    }
}

/// <summary>A note that a step of a batch made or used an entry of the cache.</summary>
/// <param name="BatchKey">Key of the batch (<see cref="Batches.BatchName.Key"/>).</param>
/// <param name="Fingerprint">First 64 bits of the SHA-256 of the entry's name, in hexadecimal.</param>
public sealed record CacheUse(string BatchKey, string Fingerprint)
{
    public static CacheUse Of(string batchKey, string cacheName) => new(batchKey, FingerprintOf(cacheName));

    public static string FingerprintOf(string cacheName) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(cacheName)).AsSpan(0, 8));
}
