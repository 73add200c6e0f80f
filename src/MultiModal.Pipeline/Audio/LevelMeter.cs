namespace MultiModal.Pipeline.Audio;

/// <summary>Measures the level of 16 kHz sound for each 10 ms.</summary>
internal sealed class LevelMeter
{
    /// <summary>Length of a frame, 10 ms, as in speech analysis.</summary>
    public const int FrameSamples = PcmFormat.SampleRate / 100;

    /// <summary>Full scale of a 16-bit sample.</summary>
    public const float FullScale = 32768f;

    /// <summary>The lowest level, in dBFS; 16 bits reach no lower.</summary>
    public const float DigitalSilenceDb = -100;

    // This is one pole at 150 Hz: mains hum and rumble are not speech, and an offset is not sound.
    private const float HighPass = 0.9444f;

    private readonly List<float> levels = [];
    private float lastInput, lastOutput, energy;
    private int inFrame;

    public long SampleCount { get; private set; }

    /// <summary>Level of each frame, in dBFS.</summary>
    public IReadOnlyList<float> Levels => levels;

    /// <param name="sample">Sample with a full scale of ±1.</param>
    public void Add(float sample)
    {
        lastOutput = HighPass * (lastOutput + sample - lastInput);
        lastInput = sample;
        energy += lastOutput * lastOutput;
        SampleCount++;
        if (++inFrame == FrameSamples) EndFrame();
    }

    /// <summary>Ends the last frame, however short it is.</summary>
    public void Complete()
    {
        if (inFrame > 0) EndFrame();
    }

    private void EndFrame()
    {
        levels.Add(MathF.Max(DigitalSilenceDb, 10 * MathF.Log10((energy / inFrame) + 1e-12f)));
        energy = 0;
        inFrame = 0;
    }
}
