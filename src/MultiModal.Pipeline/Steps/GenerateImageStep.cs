using System.Text;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Ai.Pictures;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Costs;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;
using MultiModal.Pipeline.Synthesis;

namespace MultiModal.Pipeline.Steps;

/// <summary><c>generate-image</c>: has a model make one picture from the synthesis, and puts it beside the report.</summary>
internal sealed class GenerateImageStep(
    RunStore runs, StepRunner runner, ContentCache cache, MeteredCalls calls, PictureTries tries, PicturePrice price, EngineSet engines,
    MediaAccount account, InboxListing listing, IOptions<AiOptions> ai) : IStep<RunReference, StepResult>
{
    public static readonly Step<RunReference, StepResult> Definition = Step.Contained<RunReference>(StepNames.GenerateImage);

    /// <summary>Version of the step, raised when a change to the code changes the step's answers.</summary>
    private const int GenerateVersion = 1;

    /// <summary>Name of the file in the folder of the run's results, without its extension.</summary>
    private const string FileName = "illustration";

    public string Name => StepNames.GenerateImage;

    public Task<StepResult> RunAsync(RunReference input, CancellationToken cancellationToken) =>
        runner.RunAsync(input, Name, token => WorkAsync(input, token), cancellationToken);

    /// <summary>What a batch's picture is asked for with.</summary>
    /// <param name="prompt">What it shows.</param>
    /// <param name="wish">What the batch wishes and is granted.</param>
    public PictureRequest RequestOf(string prompt, IllustrationOptions wish)
    {
        ArgumentNullException.ThrowIfNull(wish);
        var host = ai.Value.ImageGeneration;
        return new(prompt, PictureSize.Parse(wish.Size ?? host.Size), wish.Quality ?? host.Quality);
    }

    private async Task<StepWork> WorkAsync(RunReference run, CancellationToken cancellationToken)
    {
        if (engines.Pictures is not { } engine)
        {
            return StepWork.Failed(new Failure(
                FailureCodes.EngineOff, "The batch asks for an illustration. None is made, because Ai:ImageGeneration is not configured on this host."));
        }

        var wish = (await runs.ReadOptionsAsync(run, cancellationToken)).Illustration ?? new IllustrationOptions();
        var synthesis = await FinishedSynthesis.ReadAsync(runs, run, cancelled: false, cancellationToken);
        if (!synthesis.Succeeded)
        {
            return StepWork.Failed(synthesis.Failure with { Message = $"There is no synthesis to illustrate. {synthesis.Failure.Message}" });
        }

        if (await runs.IsSupersededAsync(run, listing, cancellationToken))
        {
            return StepWork.Failed(new Failure(
                FailureCodes.SupersededRun, "The batch changed while it was read. The next run makes the illustration.", Retryable: true));
        }

        var request = RequestOf(PicturePrompt.Compose(synthesis.Value.Document, wish.Prompt), wish);
        var key = CacheKey.Create(
            Name, ContentHash.Compute(Encoding.UTF8.GetBytes(request.Prompt)), GenerateVersion, engine.Identity, request.Size.ToString(), request.Quality);

        // A lifecycle rule may delete the file before its entry: then the picture is gone, and has to be made again.
        if (await cache.FindAsync<Illustration>(key, cancellationToken) is { } entry
            && !await cache.HasFileAsync(entry.Value.CacheFile, cancellationToken)) await cache.ForgetAsync(key.Name, cancellationToken);
        var work = await CallAsync(engine, run, key, request, cancellationToken);
        if (work.Read<Illustration>() is { } picture) await PublishAsync(run, picture, cancellationToken);
        return work;
    }

    private async Task<StepWork> CallAsync(
        IPictureEngine engine, RunReference run, CacheKey key, PictureRequest request, CancellationToken cancellationToken)
    {
        var estimate = engine.Estimate(request) ?? CallEstimate.Nothing;
        var subject = new CallSubject(run, Name, [key], engine.Identity, estimate, estimate) { Reserves = price.ReservedUsd(engine, request) };
        await using var call = await calls.BeginAsync<Illustration>(subject, cancellationToken);
        if (call.Work is { } known) return known;
        var answer = await AskAsync(engine, key, request, cancellationToken);
        if (!answer.Outcome.Succeeded)
        {
            return await call.CompleteAsync(new(answer.Outcome.Failure, answer.Usage, answer.Attempts), cancellationToken);
        }

        var made = answer.Outcome.Value;
        var hash = ContentHash.Compute(made.File.ToMemory().Span);
        var file = new CacheFile(ContentCache.FileName(key, hash.Value + made.Form.Extension), made.File, made.Form.MediaType);
        var picture = new Illustration(
            request.Prompt, request.Size.ToString(), request.Quality, hash, made.Form.MediaType, made.Form.Width, made.Form.Height,
            made.File.ToMemory().Length, FileName + made.Form.Extension, file.Name);
        var work = await call.CompleteAsync(new(picture, answer.Usage, answer.Attempts), [file], cancellationToken);
        await tries.ForgetAsync(key, cancellationToken);
        return work;
    }

    /// <summary>Asks for the picture, and once more if the answer was lost, whichever process asked first.</summary>
    private async Task<EngineAnswer<MadePicture>> AskAsync(
        IPictureEngine engine, CacheKey key, PictureRequest request, CancellationToken cancellationToken)
    {
        var lost = new EngineAnswer<MadePicture>(new Failure(
            FailureCodes.PictureLost,
            $"The picture was asked for {PictureTries.Most} times within a day, and no picture came back. It may have been paid for, and is not asked for "
                + "again for a day. Ask for another one, or start the batch again then.",
            Retryable: true));
        while (await tries.TryBeginAsync(key, cancellationToken))
        {
            var next = await engine.MakeAsync(request, cancellationToken);
            lost = lost with { Usage = lost.Usage + next.Usage, Attempts = [.. lost.Attempts, .. next.Attempts] };
            if (!next.Outcome.Succeeded && next.Attempts is [.., { MayBeBilled: true }]) continue;

            // A picture that was paid for and cannot be used counts as well.
            if (!next.Outcome.Succeeded && next.Usage == Usage.None) await tries.WithdrawAsync(key, cancellationToken);
            return lost with { Outcome = next.Outcome };
        }

        return lost;
    }

    private async Task PublishAsync(RunReference run, Illustration picture, CancellationToken cancellationToken)
    {
        var file = await cache.FindFileAsync(picture.CacheFile, cancellationToken)
            ?? throw new InvalidOperationException($"{picture.CacheFile} is missing: it was deleted under the step.");
        await account.Results.GetBlobClient($"{ReportWriter.RunFolder(run)}/{picture.FileName}").UploadAsync(
            file, new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = picture.MediaType } }, cancellationToken);
    }
}
