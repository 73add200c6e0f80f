using System.Text.Json;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Steps;

/// <summary>The files of a recording's pieces, and samples of voices that are cut from them.</summary>
internal sealed class PieceFiles(ContentCache cache, PrepareAudioStep preparing, AudioPreparer audio)
{
    private const string Wav = "audio/wav";

    /// <summary>Copies a piece into a file. If a lifecycle rule deleted the pieces before their entry, they are made again.</summary>
    /// <returns>The reason if the piece is not available; null if it was copied.</returns>
    public async Task<Failure?> FetchAsync(HeardRecording recording, int part, string path, CancellationToken cancellationToken)
    {
        var name = PreparedAudioRecord.ChunkName(recording.Prepared.CacheFolder, part);
        if (await cache.FetchFileAsync(name, path, cancellationToken)) return null;
        var again = await preparing.PrepareAsync(
            recording.Batch, recording.Options, recording.Subject, recording.Speech, recording.Prepared, cancellationToken);
        if (again.Failure is { } failure) return failure;
        await cache.FetchFileAsync(name, path, cancellationToken);
        return null;
    }

    /// <summary>Reads the samples of references. They are kept beside the pieces, and cut anew where they are missing.</summary>
    public async Task<Outcome<IReadOnlyList<KnownVoice>>> ReadVoicesAsync(
        HeardRecording recording, IReadOnlyList<VoiceReference> references, WorkSpace space, CancellationToken cancellationToken)
    {
        var voices = new List<KnownVoice>(references.Count);
        foreach (var reference in references)
        {
            if (await cache.FindFileAsync(NameOf(recording, reference), cancellationToken) is not { } kept) break;
            voices.Add(new KnownVoice(reference.Name, kept.ToMemory()));
        }

        if (voices.Count == references.Count) return voices;
        var cut = await CutAsync(recording, 0, [.. references.Select(reference => reference.Sample)], space, cancellationToken);
        if (!cut.Succeeded) return cut.Failure;
        voices.Clear();
        foreach (var (reference, pcm) in references.Zip(cut.Value))
        {
            var wav = WavFile.Of(pcm);
            await cache.StoreFileAsync(NameOf(recording, reference), new MemoryStream(wav), Wav, cancellationToken);
            voices.Add(new KnownVoice(reference.Name, wav));
        }

        return voices;
    }

    /// <summary>Cuts samples from a piece.</summary>
    public async Task<Outcome<IReadOnlyList<byte[]>>> CutAsync(
        HeardRecording recording, int part, IReadOnlyList<IReadOnlyList<VoiceSpan>> samples, WorkSpace space, CancellationToken cancellationToken)
    {
        var path = space.File($"piece-{part:D5}{AudioFileExtension.ForMediaType(recording.Prepared.Plan.Chunks[part].MediaType)}");
        return await FetchAsync(recording, part, path, cancellationToken) is { } unread
            ? unread
            : await audio.CutSamplesAsync(path, samples, space.Path, cancellationToken);
    }

    private static string NameOf(HeardRecording recording, VoiceReference reference)
    {
        var sample = ContentHash.Compute(JsonSerializer.SerializeToUtf8Bytes(reference.Sample, PipelineJson.Options));
        return $"{recording.Prepared.CacheFolder}/voice-{sample.Value[..16]}.wav";
    }
}
