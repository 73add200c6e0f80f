using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Programs;

namespace MultiModal.Pipeline.Ai.Offline;

/// <summary>Runs a program that transcribes a piece of a recording and ends, for a few pieces at once.</summary>
/// <param name="programs">Runner of the program.</param>
/// <param name="maxConcurrency">Pieces transcribed at once, at least 1.</param>
internal sealed class SpeechProgram(ProgramRunner programs, int maxConcurrency) : IDisposable
{
    private readonly SemaphoreSlim slots = new(maxConcurrency);

    /// <summary>Limits of all programs.</summary>
    public ProgramOptions Limits => programs.Limits;

    /// <param name="prepare">Makes the call, when there is a slot for it.</param>
    /// <param name="read">Reads the transcript, or the reason why there is none.</param>
    /// <param name="cancellationToken">Ends the program.</param>
    /// <returns>The transcript, for which one attempt was made and nothing is paid.</returns>
    public async Task<EngineAnswer<Transcript>> TranscribeAsync(
        Func<Task<ProgramCall>> prepare, Func<ProgramResult, Outcome<Transcript>> read, CancellationToken cancellationToken)
    {
        await slots.WaitAsync(cancellationToken);
        try
        {
            var result = await programs.RunAsync(await prepare(), cancellationToken);
            var outcome = read(result);
            var attempt = new EngineAttempt(result.StartedAt, (long)result.Duration.TotalMilliseconds, result.ExitCode, outcome.Failure?.Code);
            return new EngineAnswer<Transcript>(outcome, Usage.None, [attempt]);
        }
        finally
        {
            slots.Release();
        }
    }

    public void Dispose() => slots.Dispose();
}
