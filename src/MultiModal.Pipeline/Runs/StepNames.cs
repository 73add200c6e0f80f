namespace MultiModal.Pipeline.Runs;

/// <summary>Names of the steps whose records other code reads: reports, live progress, cache keys.</summary>
public static class StepNames
{
    public const string OptimizeImage = "optimize-image";
    public const string AnalyzeImage = "analyze-image";
    public const string PrepareAudio = "prepare-audio";
    public const string TranscribeAudio = "transcribe-audio";
    public const string ReadText = "read-text";
    public const string Synthesize = "synthesize";
    public const string GenerateImage = "generate-image";
}
