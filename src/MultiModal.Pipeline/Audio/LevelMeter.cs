namespace MultiModal.Pipeline.Audio;

/// <summary>Measures how loud 16 kHz sound is, a level for each 10 ms.</summary>
internal sealed class LevelMeter
{
    /// <summary>10 ms, the frame of speech analysis.</summary>
    public const int FrameSamples = PcmFormat.SampleRate / 100;

    /// <summary>Of a 16-bit sample.</summary>
    public const float FullScale = 32768f;

    /// <summary>The lowest level there is, dBFS; 16 bits reach no lower.</summary>
    public const float DigitalSilenceDb = -100;

    // One pole at 150 Hz: mains hum and rumble are not speech, and an offset is not sound.
    private const float HighPass = 0.9444f;

    private readonly List<float> levels = [];
    private float lastInput, lastOutput, energy;
    private int inFrame;

    public long SampleCount { get; private set; }

    /// <summary>Level of each frame, dBFS.</summary>
    public IReadOnlyList<float> Levels => levels;

    /// <param name="sample">Full scale ±1.</param>
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
